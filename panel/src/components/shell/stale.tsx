import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Moment } from './moment.tsx';

interface StaleProps {
  /** When the data below was last read, in milliseconds since the epoch. */
  seenAt: number;
  message: string;
  onRetry: () => void;
}

/** Shown above data that could not be refreshed: when it was last read, and why the refresh failed. */
export function Stale({ seenAt, message, onRetry }: StaleProps) {
  return (
    <div className="mb-4">
      <Callout kind="warning" role="status" title="This may be out of date">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <span>
            Last updated <Moment at={new Date(seenAt).toISOString()} />. {message}
          </span>
          <Button kind="secondary" size="small" onClick={onRetry}>
            Retry
          </Button>
        </div>
      </Callout>
    </div>
  );
}
