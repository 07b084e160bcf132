import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';
import { Frame, useFrame } from './field.tsx';

interface TextAreaFieldProps extends Omit<ComponentProps<'textarea'>, 'name'> {
  label: string;
  hint?: ReactNode;
  aside?: ReactNode;
  name: string;
}

/** A labelled text of several lines, in the font of code. */
export function TextAreaField(props: TextAreaFieldProps) {
  const { label, hint, aside, name, rows = 1, ...rest } = props;
  const { id, fault, aria } = useFrame(name, hint);
  return (
    <Frame id={id} label={label} hint={hint} aside={aside} fault={fault}>
      <textarea
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        {...rest}
        {...aria}
        // Its content sets its height, from so many rows on.
        style={{ minHeight: `${rows * 1.5 + 1}rem` }}
        className={classes(
          aria.className.replace('h-10', ''),
          'resize-none field-sizing-content py-2 font-mono leading-6 sm:text-sm',
        )}
      />
    </Frame>
  );
}
