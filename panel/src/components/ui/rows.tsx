import type { ReactNode } from 'react';

/** A list inside a card, one thing a row. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="-my-4 divide-y divide-line">
      {children}
    </ul>
  );
}

interface RowProps {
  title: string;
  /** Words beside the title. */
  tags?: ReactNode;
  about: ReactNode;
  /** What can be done with it. */
  children?: ReactNode;
}

export function Row({ title, tags, about, children }: RowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 py-4">
      <div className="grid min-w-0 flex-1 basis-56 gap-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-medium wrap-anywhere">{title}</span>
          {tags}
        </p>
        <p className="text-sm text-soft wrap-anywhere">{about}</p>
      </div>
      {children}
    </li>
  );
}

/** Between two facts of a row. */
export function Dot() {
  return (
    <span aria-hidden="true" className="mx-2 text-faint">
      ·
    </span>
  );
}
