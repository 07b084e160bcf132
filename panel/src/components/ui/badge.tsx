import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const LOOKS = {
  plain: 'bg-sunken text-soft',
  brand: 'bg-brand-soft text-brand',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
};

/** A short label. */
export function Badge({
  kind = 'plain',
  children,
}: {
  kind?: keyof typeof LOOKS;
  children: ReactNode;
}) {
  return (
    <span
      className={classes(
        'inline-flex h-5 shrink-0 items-center rounded-full px-2 text-xs font-medium whitespace-nowrap',
        LOOKS[kind],
      )}
    >
      {children}
    </span>
  );
}
