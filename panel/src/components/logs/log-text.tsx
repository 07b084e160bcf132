import Anser from 'anser';
import type { ReactNode } from 'react';
import { linePlain } from '../../lib/log-lines.ts';
import { classes } from '../ui/classes.ts';

/** The colours of a terminal that can be read on this theme's surface. Black and white are the text's own. */
const COLOURS: Readonly<Record<string, string>> = {
  red: 'text-danger',
  green: 'text-brand',
  yellow: 'text-warning',
  blue: 'text-ansi-blue',
  magenta: 'text-ansi-magenta',
  cyan: 'text-ansi-cyan',
};
const DECORATIONS: Readonly<Record<string, string>> = {
  bold: 'font-semibold',
  dim: 'text-faint',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'line-through',
};

interface LogTextProps {
  text: string;
  /** What the log was filtered by. */
  mark: string | undefined;
}

/** The text of a line in the colours that its program gave it. */
export function LogText({ text, mark }: LogTextProps) {
  if (!text.includes('\u001B')) return marked(text, mark);
  return Anser.ansiToJson(text, { json: true, remove_empty: true, use_classes: true }).map(
    ({ content, fg, decorations }, index) => (
      <span
        // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no names
        key={index}
        className={classes(
          COLOURS[(fg ?? '').replace(/^ansi-(bright-)?/, '')],
          ...decorations.map((decoration) => DECORATIONS[decoration]),
        )}
      >
        {marked(linePlain(content), mark)}
      </span>
    ),
  );
}

function marked(text: string, mark: string | undefined): ReactNode {
  if (mark === undefined || !text.includes(mark)) return text;
  return text.split(mark).map((part, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no names
    <span key={index}>
      {index > 0 && <mark className="rounded-xs bg-warning-soft text-ink">{mark}</mark>}
      {part}
    </span>
  ));
}
