import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

const SHOWN_MS = 2000;

/** Copies a text, in a row of a table. @param what names the text for screen readers. */
export function CopyIcon({ text, what }: { text: string; what: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const Icon = isCopied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={isCopied ? `Copied ${what}` : `Copy ${what}`}
      onClick={() =>
        void navigator.clipboard.writeText(text).then(
          () => setIsCopied(true),
          () => {},
        )
      }
      className="relative z-10 grid size-7 shrink-0 place-items-center rounded-md text-faint hover:bg-canvas hover:text-ink"
    >
      <Icon className="size-3.5" aria-hidden="true" />
    </button>
  );
}
