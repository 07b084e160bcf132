import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';

interface FoldProps {
  title: string;
  /** What is inside, shown while it is closed. */
  summary?: ReactNode;
  /** Opens it, for a fault inside. */
  isForcedOpen?: boolean;
  startsOpen?: boolean;
  children: ReactNode;
}

/** A part of a form that can be folded away. What is inside stays part of the form. */
export function Fold(props: FoldProps) {
  const { title, summary, isForcedOpen = false, startsOpen = false, children } = props;
  const [isOpen, setIsOpen] = useState(startsOpen);
  return (
    <details
      open={isOpen || isForcedOpen}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
      className="group rounded-lg border border-line"
    >
      <summary className="flex min-h-11 cursor-pointer list-none items-center gap-2.5 rounded-lg px-4 py-2 text-sm hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
        />
        <span className="font-medium">{title}</span>
        <span className="min-w-0 flex-1 truncate text-right text-faint group-open:hidden">
          {summary}
        </span>
      </summary>
      <div className="grid gap-5 border-t border-line px-4 py-4">{children}</div>
    </details>
  );
}
