import { classes } from './classes.ts';
import { CopyButton } from './copy-button.tsx';

/** A text to copy exactly. @param what names it: "token", "curl line". */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-sunken">
      <div className="flex items-center justify-between gap-3 border-b border-line py-1.5 pr-1.5 pl-4">
        <span className="text-xs font-medium text-soft first-letter:uppercase">{what}</span>
        <CopyButton text={text} what={what} />
      </div>
      <pre
        // A scrollable region must be reachable by keyboard.
        tabIndex={0}
        role="region"
        aria-label={what}
        className={classes(
          'overflow-x-auto px-4 py-3 font-mono text-sm leading-6',
          // A single long word wraps; several lines keep their line breaks.
          text.includes('\n') ? 'whitespace-pre' : 'whitespace-pre-wrap wrap-anywhere',
        )}
      >
        {text}
      </pre>
    </div>
  );
}
