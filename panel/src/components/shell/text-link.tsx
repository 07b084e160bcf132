import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';

function Anchor(props: ComponentProps<'a'>) {
  return (
    <a
      {...props}
      className="font-medium text-brand underline decoration-brand/40 underline-offset-4 hover:decoration-brand"
    >
      {props.children}
    </a>
  );
}

/** A link within a sentence. */
export const TextLink = createLink(Anchor);
