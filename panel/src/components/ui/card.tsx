import { type FocusEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { focusReturnMake } from './focus-return.ts';

interface CardProps {
  title: string;
  /** One sentence below the title. */
  about?: ReactNode;
  /** Stands beside the title: a button, a state. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** One subject of a page, with a heading, to which the focus goes when what had it is taken out of the card. */
export function Card({ title, about, aside, children }: CardProps) {
  const id = useId();
  const focusKept = useFocusKept();
  return (
    <section
      {...focusKept}
      aria-labelledby={id}
      className="rounded-xl border border-line bg-surface"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-5 py-4 sm:px-6 sm:py-5">
        <div className="grid min-w-0 flex-1 basis-64 gap-1">
          <h2 id={id} tabIndex={-1} className="text-base font-semibold wrap-anywhere">
            {title}
          </h2>
          {about !== undefined && <p className="max-w-prose text-sm text-soft">{about}</p>}
        </div>
        {aside}
      </div>
      {/* Gone when it holds nothing to see, as with a dialog alone. */}
      <div className="border-t border-line px-5 py-5 empty:hidden sm:px-6">{children}</div>
    </section>
  );
}

/** Notes what in a card has the focus. What React takes out of the page loses it without a word: no blur is told. */
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
      // React also tells of what is in a dialog of the card, which stands elsewhere.
      if (!currentTarget.contains(target)) return;
      holder.current = { element: target, giveBack: focusReturnMake(target) };
    },
    onBlur() {
      holder.current = null;
    },
  };
}
