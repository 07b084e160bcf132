import { type FocusEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { classes } from './classes.ts';
import { focusReturnCreate } from './focus-return.ts';

interface CardProps {
  title: string;
  /** One sentence below the title. */
  about?: ReactNode;
  /** Beside the title: a button or a state. */
  aside?: ReactNode;
  /** The content reaches the edges: a table. */
  isFlush?: boolean;
  children?: ReactNode;
}

/** A section of a page with a heading. The heading gets the focus when the focused element is removed from the card. */
export function Card({ title, about, aside, isFlush = false, children }: CardProps) {
  const id = useId();
  const focusKept = useFocusKept();
  return (
    <section
      {...focusKept}
      aria-labelledby={id}
      className="rounded-xl border border-line bg-surface"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-5 py-4 sm:px-6">
        <div className="grid min-w-0 flex-1 basis-64 gap-1">
          <h2 id={id} tabIndex={-1} className="text-base font-semibold wrap-anywhere">
            {title}
          </h2>
          {about !== undefined && <p className="max-w-prose text-sm text-soft">{about}</p>}
        </div>
        {aside}
      </div>
      {/* Hidden when it has no visible content, for example only a dialog. */}
      <div
        className={classes(
          'border-t border-line empty:hidden',
          isFlush ? 'overflow-hidden rounded-b-xl' : 'px-5 py-5 sm:px-6',
        )}
      >
        {children}
      </div>
    </section>
  );
}

/** The surface of a table that needs no heading of its own. */
export function Panel({ children }: { children: ReactNode }) {
  return <div className="overflow-hidden rounded-xl border border-line bg-surface">{children}</div>;
}

/** Tracks the focused element of a card. When React removes an element, it loses the focus without a blur event. */
function useFocusKept() {
  const holder = useRef<{ element: Element; giveBack: () => void } | null>(null);
  useLayoutEffect(() => {
    if (holder.current === null || holder.current.element.isConnected) return;
    const { giveBack } = holder.current;
    holder.current = null;
    giveBack();
  });
  return {
    onFocus({ currentTarget, target }: FocusEvent) {
      // React also reports focus inside a dialog of the card, which is elsewhere in the document.
      if (!currentTarget.contains(target)) return;
      holder.current = { element: target, giveBack: focusReturnCreate(target) };
    },
    onBlur() {
      holder.current = null;
    },
  };
}
