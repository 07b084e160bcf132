import { useNow } from '../../lib/use-now.ts';
import { dateTimeText, relativeText } from '../../lib/moments.ts';

/** A moment as its distance from now; what day and time it is stands in its title. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={dateTimeText(at)} className="whitespace-nowrap">
      {relativeText(at, now)}
    </time>
  );
}
