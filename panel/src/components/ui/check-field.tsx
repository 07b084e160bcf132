import { type ReactNode, useId } from 'react';

interface CheckFieldProps {
  label: string;
  hint?: ReactNode;
  name: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A labelled checkbox. */
export function CheckField({ label, hint, name, checked, onChange }: CheckFieldProps) {
  const id = useId();
  return (
    <div className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-2.5">
      <input
        id={id}
        name={name}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="mt-0.5 size-5 accent-brand"
      />
      <label htmlFor={id} className="text-sm leading-6 font-medium">
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="col-start-2 text-sm text-faint">
          {hint}
        </p>
      )}
    </div>
  );
}
