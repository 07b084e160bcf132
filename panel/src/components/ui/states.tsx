import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Callout } from './callout.tsx';

/** Something is being read. Quiet at first: most things come before anyone would look. */
export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="grid animate-[fade_300ms_200ms_both] gap-3 py-2">
      <span className="sr-only">Loading {what} …</span>
      <div className="h-4 w-2/5 animate-pulse rounded bg-sunken" />
      <div className="h-4 w-4/5 animate-pulse rounded bg-sunken" />
      <div className="h-4 w-3/5 animate-pulse rounded bg-sunken" />
    </div>
  );
}

/** It could not be read. */
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

/** There is none yet, and what it would be good for. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-1 py-8 text-center">
      <p className="font-medium">{title}</p>
      <p className="max-w-sm text-sm text-soft">{children}</p>
    </div>
  );
}
