import { useNow } from '../../lib/use-now.ts';
import { dateTimeText, relativeText } from '../../lib/moments.ts';

/** A time relative to now. The tooltip shows the date and time. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={dateTimeText(at)} className="whitespace-nowrap">
      {relativeText(at, now)}
    </time>
  );
}
