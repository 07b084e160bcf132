import { type ReactNode, useId } from 'react';

interface CardProps {
  title: string;
  /** One sentence below the title. */
  about?: ReactNode;
  /** Stands beside the title: a button, a state. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** One subject of a page, with a heading. */
export function Card({ title, about, aside, children }: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="rounded-xl border border-line bg-surface">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-5 py-4 sm:px-6 sm:py-5">
        <div className="grid min-w-0 flex-1 basis-64 gap-1">
          <h2 id={id} className="text-base font-semibold wrap-anywhere">
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
