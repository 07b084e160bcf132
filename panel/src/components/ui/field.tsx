import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes.ts';
import { useFieldFault } from './form.tsx';

interface FieldFrame {
  label: string;
  /** Help text below the field. */
  hint?: ReactNode;
  /** Opposite the label: a link. */
  aside?: ReactNode;
  name: string;
}

type FieldProps = FieldFrame & Omit<ComponentProps<'input'>, 'name'>;
type SelectFieldProps = FieldFrame & Omit<ComponentProps<'select'>, 'name'>;

const CONTROL = classes(
  'w-full rounded-lg border bg-surface px-3 text-base text-ink placeholder:text-faint pointer-coarse:text-[1rem]',
  'h-10 transition-colors hover:border-ink-soft',
);

/** The attributes of a field's control, and its fault. */
export function useFrame(name: string, hint: ReactNode) {
  const id = useId();
  const fault = useFieldFault(name);
  const described =
    fault !== undefined ? `${id}-fault` : hint !== undefined ? `${id}-hint` : undefined;
  return {
    id,
    fault,
    aria: {
      id,
      name,
      'aria-invalid': fault === undefined ? undefined : true,
      'aria-describedby': described,
      className: classes(CONTROL, fault === undefined ? 'border-edge' : 'border-danger'),
    },
  };
}

/** A labelled text input. */
export function Field({ label, hint, aside, name, className, ...rest }: FieldProps) {
  const { id, fault, aria } = useFrame(name, hint);
  return (
    <Frame id={id} label={label} hint={hint} aside={aside} fault={fault}>
      <input {...rest} {...aria} className={classes(aria.className, className)} />
    </Frame>
  );
}

/** A labelled select. */
export function SelectField({ label, hint, name, children, className, ...rest }: SelectFieldProps) {
  const { id, fault, aria } = useFrame(name, hint);
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <div className="relative">
        <select
          {...rest}
          {...aria}
          className={classes(aria.className, 'appearance-none pr-9', className)}
        >
          {children}
        </select>
        <ChevronDown
          aria-hidden="true"
          className="pointer-events-none absolute top-3 right-3 size-4 text-soft"
        />
      </div>
    </Frame>
  );
}

interface FrameProps {
  id: string;
  label: string;
  hint: ReactNode;
  aside?: ReactNode;
  fault: string | undefined;
  children: ReactNode;
}

/** A label, a control, and what there is to say about it. */
export function Frame({ id, label, hint, aside, fault, children }: FrameProps) {
  return (
    <div className="relative grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {/* After the field in tab order, but displayed above it. */}
      {aside !== undefined && <div className="absolute top-0 right-0 text-sm">{aside}</div>}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="text-sm font-medium text-danger">
          {fault}
        </p>
      )}
      {hint !== undefined && fault === undefined && (
        <p id={`${id}-hint`} className="text-sm text-faint">
          {hint}
        </p>
      )}
    </div>
  );
}
