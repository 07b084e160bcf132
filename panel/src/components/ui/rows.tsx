import type { ReactNode } from 'react';

/** A list inside a card. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="-my-3 divide-y divide-line">
      {children}
    </ul>
  );
}

interface RowProps {
  title: string;
  /** Labels beside the title. */
  tags?: ReactNode;
  about: ReactNode;
  /** Actions. */
  children?: ReactNode;
}

export function Row({ title, tags, about, children }: RowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 py-3">
      <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
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

/** Separates two facts of a row. */
export function Dot() {
  return (
    <span aria-hidden="true" className="mx-2 text-faint">
      ·
    </span>
  );
}
