import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const LOOKS = {
  info: { icon: Info, look: 'border-line bg-sunken text-ink', tint: 'text-soft' },
  success: {
    icon: CircleCheck,
    look: 'border-transparent bg-brand-soft text-ink',
    tint: 'text-brand',
  },
  warning: {
    icon: TriangleAlert,
    look: 'border-transparent bg-warning-soft text-ink',
    tint: 'text-warning',
  },
  danger: {
    icon: CircleAlert,
    look: 'border-transparent bg-danger-soft text-ink',
    tint: 'text-danger',
  },
};

type CalloutKind = keyof typeof LOOKS;

interface CalloutProps {
  kind?: CalloutKind;
  title?: string;
  role?: 'alert' | 'status';
  children: ReactNode;
}

/** A highlighted message. */
export function Callout({ kind = 'info', title, role, children }: CalloutProps) {
  const { icon: Icon, look, tint } = LOOKS[kind];
  return (
    <div role={role} className={classes('flex gap-3 rounded-lg border px-4 py-3 text-sm', look)}>
      <Icon className={classes('mt-0.5 size-4 shrink-0', tint)} aria-hidden="true" />
      <div className="grid min-w-0 gap-1 wrap-anywhere">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        <div>{children}</div>
      </div>
    </div>
  );
}
