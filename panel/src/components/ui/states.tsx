import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Callout } from './callout.tsx';

/**
 * A placeholder while data loads. It appears after a short delay, because most data arrives before that.
 * @param rows of a table, as high as those that follow; without it, some lines of text.
 */
export function Loading({ what, rows }: { what: string; rows?: number | undefined }) {
  const widths = ['w-2/5', 'w-4/5', 'w-3/5', 'w-1/2'];
  if (rows !== undefined) {
    return (
      <div role="status" className="animate-[fade_300ms_200ms_both] divide-y divide-line">
        <span className="sr-only">Loading {what} …</span>
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="flex h-11 items-center px-5 sm:px-6">
            <div className={`h-3.5 animate-pulse rounded bg-sunken ${widths[row % 4]}`} />
          </div>
        ))}
      </div>
    );
  }
  return (
    <div role="status" className="grid animate-[fade_300ms_200ms_both] gap-3 py-2">
      <span className="sr-only">Loading {what} …</span>
      {widths.slice(0, 3).map((width) => (
        <div key={width} className={`h-4 animate-pulse rounded bg-sunken ${width}`} />
      ))}
    </div>
  );
}

/** Data that could not be loaded. */
export function Failure({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div className="grid justify-items-start gap-3">
      <Callout kind="danger" role="alert">
        {message}
      </Callout>
      <Button kind="secondary" size="small" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

interface EmptyProps {
  title: string;
  /** What to do about it, below the text. */
  action?: ReactNode;
  children: ReactNode;
}

/** An empty list, and what it is for. */
export function Empty({ title, action, children }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-1 px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      <p className="max-w-sm text-sm text-balance text-soft">{children}</p>
      {Boolean(action) && <div className="mt-4">{action}</div>}
    </div>
  );
}
