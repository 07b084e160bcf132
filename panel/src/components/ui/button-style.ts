import { classes } from './classes.ts';

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger' | 'danger-quiet';
export type ButtonSize = 'medium' | 'small';

const KINDS: Record<ButtonKind, string> = {
  primary: 'bg-brand text-on-brand hover:bg-brand-hover',
  secondary: 'border border-edge/50 bg-surface text-ink hover:border-edge',
  'danger-quiet': 'border border-edge/50 bg-surface text-danger hover:border-danger',
  quiet: 'text-soft hover:bg-sunken hover:text-ink',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover',
};
const SIZES: Record<ButtonSize, string> = {
  medium: 'h-10 px-4 text-base',
  small: 'h-8 px-3 text-sm',
};

/** The style of a button, also for links that look like buttons. */
export function buttonStyle(kind: ButtonKind = 'primary', size: ButtonSize = 'medium'): string {
  return classes(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap select-none',
    'transition-colors disabled:opacity-60 disabled:cursor-default',
    KINDS[kind],
    SIZES[size],
  );
}
