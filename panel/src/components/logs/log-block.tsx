import { memo, useState } from 'react';
import { type LogBlock, type LogEntry, lineShown } from '../../lib/log-lines.ts';
import { dateTimeText, timeOfDayText } from '../../lib/moments.ts';
import { classes } from '../ui/classes.ts';
import { LogText } from './log-text.tsx';

/** The height of a line that does not wrap: a million of them fit into what browsers can scroll. */
export const LINE_PX = 17;
/** What is shown of a line before it is asked for: browsers need long for very long ones. */
const SHOWN_LETTERS = 4000;

export interface LogLook {
  isWrapped: boolean;
  hasTimes: boolean;
  /** What the log was filtered by. */
  mark: string | undefined;
}

interface LogRowsProps extends LogLook {
  block: LogBlock;
  /** How many rows the block has: it grows in place. */
  size: number;
}

/** The rows of a block, drawn again only when there are more. */
export const LogRows = memo(function LogRows({ block, size, ...look }: LogRowsProps) {
  const rows = block.entries.slice(0, size);
  // oxlint-disable-next-line react/no-array-index-key -- a row stays where it is
  return rows.map((entry, index) => <Row key={index} entry={entry} {...look} />);
});

function Row({ entry, ...look }: LogLook & { entry: LogEntry }) {
  if (entry.kind === 'line') return <Line line={entry} {...look} />;
  if (entry.kind === 'gap') {
    return (
      <Mark look="text-warning">
        {entry.lost === null
          ? 'Lines were lost here'
          : `${entry.lost.toLocaleString('en')} ${entry.lost === 1 ? 'line was' : 'lines were'} lost here`}
      </Mark>
    );
  }
  const at = entry.at === null ? '' : `, ${dateTimeText(entry.at)}`;
  return <Mark look="text-soft">{`Start ${entry.instance} of the process${at}`}</Mark>;
}

/** A rule with words in it, as high as a line. */
function Mark({ look, children }: { look: string; children: string }) {
  return (
    <div
      className={classes(
        'sticky left-0 flex h-[17px] w-[min(100%,60rem)] items-center gap-3 px-3 font-sans text-xs font-medium',
        look,
      )}
    >
      <span className="h-px w-6 bg-current opacity-40" aria-hidden="true" />
      <span className="shrink-0">{children}</span>
      <span className="h-px flex-1 bg-current opacity-40" aria-hidden="true" />
    </div>
  );
}

type LineEntry = Extract<LogEntry, { kind: 'line' }>;

function Line({ line, isWrapped, hasTimes, mark }: LogLook & { line: LineEntry }) {
  const [isWhole, setIsWhole] = useState(false);
  const text = lineShown(line.text);
  const hidden = isWhole ? 0 : text.length - SHOWN_LETTERS;
  return (
    <div
      className={classes(
        'flex min-h-[17px] border-l-2 pr-3 pl-2.5 hover:bg-sunken',
        isWrapped || isWhole ? 'whitespace-pre-wrap wrap-anywhere' : 'h-[17px] whitespace-pre',
        line.stream === 'stderr' ? 'border-danger' : 'border-transparent',
      )}
    >
      {hasTimes && (
        <time
          dateTime={line.at}
          title={line.at}
          className="mr-3 shrink-0 whitespace-pre text-faint select-none"
        >
          {timeOfDayText(line.at)}
        </time>
      )}
      {line.stream === 'stderr' && <span className="sr-only">stderr: </span>}
      <span className="min-w-0">
        <LogText text={hidden > 0 ? text.slice(0, SHOWN_LETTERS) : text} mark={mark} />
        {line.isCut && <span className="text-faint"> ↩ goes on</span>}
        {hidden > 0 && (
          <button
            type="button"
            className="ml-2 font-sans font-medium text-brand hover:underline"
            onClick={() => setIsWhole(true)}
          >
            {hidden.toLocaleString('en')} more letters
          </button>
        )}
      </span>
    </div>
  );
}
