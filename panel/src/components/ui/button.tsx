import type { ComponentProps } from 'react';
import { type ButtonKind, type ButtonSize, buttonStyle } from './button-style.ts';
import { classes } from './classes.ts';
import { Spinner } from './spinner.tsx';

interface ButtonProps extends ComponentProps<'button'> {
  kind?: ButtonKind;
  size?: ButtonSize;
  /** Shows a spinner and ignores clicks. */
  isBusy?: boolean;
}

/** A button that does not submit a form unless `type="submit"`. It keeps the focus while it is busy. */
export function Button({
  kind,
  size,
  isBusy = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- the type is one of the three
      type={type}
      aria-disabled={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
      className={classes(buttonStyle(kind, size), isBusy && 'opacity-70', className)}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}
