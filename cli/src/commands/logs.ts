import { type LogFilter, type LogRow, logsFollow, logsRead } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { CliError } from '../base/exit.ts';
import { containerFind } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  choiceFlag,
  numberFlag,
  switchFlag,
  textFlag,
} from '../base/flags.ts';
import { type Outages, outagesCreate } from '../base/following.ts';
import { type CliContext, hasColor, outputWrite } from '../base/io.ts';
import { momentParse } from '../base/moments.ts';
import { printable, printableColored } from '../base/printable.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import { containersPropose } from './complete-names.ts';

/** How many lines a stream can begin with. */
const STREAM_TAIL_MAX = 1000;

interface LogFlags extends CommonFlags {
  follow?: boolean;
  tail?: number;
  since?: string;
  until?: string;
  stream?: 'stdout' | 'stderr';
  contains?: string;
  timestamps?: boolean;
}

export const containerLogs = buildCommand({
  docs: {
    brief: 'Show what a container writes, or follow it',
    fullDescription:
      'Prints the last lines that a container wrote to its standard output and error, over all its restarts and updates. With --follow, it goes on with what comes, until the container is deleted or you interrupt: it reconnects by itself, and neither misses a line nor prints one twice. Where the server has lost lines, the standard error says so. --output json prints a line for each row.',
    customUsage: [
      { input: 'web --follow', brief: 'The last lines, and those that come' },
      { input: 'web --since 1h --contains error', brief: 'Those of the last hour with "error"' },
    ],
  },
  parameters: {
    flags: {
      ...COMMON,
      follow: switchFlag('Go on with what comes'),
      tail: numberFlag('How many of the last lines; 200 if not given', 'lines'),
      since: textFlag(
        'Only lines from then on: 2026-11-30T12:00:00Z, or 90s, 5m, 2h, 1d ago',
        'time',
      ),
      until: textFlag('Only lines before then', 'time'),
      stream: choiceFlag('Only lines of this stream', ['stdout', 'stderr']),
      contains: textFlag('Only lines with this text', 'text'),
      timestamps: switchFlag('Begin each line with its time'),
    },
    aliases: { ...COMMON_ALIASES, f: 'follow', n: 'tail', t: 'timestamps' },
    positional: argument('name', 'Name or id of the container', containersPropose),
  },
  async func(this: CliContext, flags: LogFlags, name: string) {
    if (flags.follow === true && flags.until !== undefined) {
      throw new CliError('usage', 'A log that is followed has no end: leave --until out.');
    }
    const session = await sessionOpen(this, flags);
    const { id, name: shown } = await containerFind(session, name);
    const outages = outagesCreate(session);
    const write = rowWriter(session, flags);
    for await (const row of rowsOf(session, id, flags, outages)) {
      outages.end();
      await write(row);
    }
    await write(null);
    if (flags.follow === true) session.say(`${shown} was deleted.`);
  },
});

/** The rows that the flags ask for; those of a followed log end when the container is deleted. */
async function* rowsOf(
  { client, io }: Session,
  id: number,
  flags: LogFlags,
  { onReconnect }: Outages,
): AsyncGenerator<LogRow, void, undefined> {
  const { tail, follow } = flags;
  const filter = filterOf(flags);
  const asked = { ...filter, ...(tail !== undefined && { tail }) };
  const options = { signal: io.signal, onReconnect };
  if (follow === true && (tail ?? 0) <= STREAM_TAIL_MAX) {
    yield* logsFollow(client, id, { ...asked, ...options });
    return;
  }
  const rows = await logsRead(client, id, asked);
  yield* rows;
  if (follow !== true) return;
  const cursor = rows.findLast((row) => row.cursor !== null)?.cursor ?? null;
  const place = cursor === null ? { tail: STREAM_TAIL_MAX } : { cursor };
  yield* logsFollow(client, id, { ...filter, ...place, ...options });
}

function filterOf({ since, until, stream, contains }: LogFlags): LogFilter {
  return {
    ...(since !== undefined && { since: momentParse(since) }),
    ...(until !== undefined && { until: momentParse(until) }),
    ...(stream !== undefined && { stream }),
    ...(contains !== undefined && { contains }),
  };
}

/** Prints rows, and at the end null. A gap goes to the standard error, unless all attributes are asked for. */
function rowWriter({ io, print, say }: Session, { timestamps }: LogFlags) {
  const { stdout } = io;
  // Colours of a container's output are kept for a terminal. A file or a pipe gets the output as it is.
  const shownOf = hasColor(io, stdout) ? printableColored : printable;
  const shown = (text: string) => (stdout.isTTY === true ? shownOf(text) : text);
  /** The stream whose last row was cut, and goes on in its next one. */
  let begun: LogRow['stream'] = null;
  return async (row: LogRow | null): Promise<void> => {
    if (print.format !== 'table') {
      if (row !== null) print.line(row, '');
      return;
    }
    const isContinued = begun !== null && row?.type === 'line' && row.stream === begun;
    if (begun !== null && !isContinued) await outputWrite(io, stdout, '\n');
    begun = null;
    if (row === null) return;
    if (row.type !== 'line') {
      say(gapText(row));
      return;
    }
    const time = timestamps === true && !isContinued ? `${row.at} ` : '';
    await outputWrite(io, stdout, `${time}${shown(row.text ?? '')}${row.cut ? '' : '\n'}`);
    if (row.cut) begun = row.stream;
  };
}

/** @param row of type `gap`, or of one that this version does not know. */
function gapText({ type, instance, lost_lines: lost = null }: LogRow): string {
  if (type !== 'gap') return `A row of type ${String(type)} was left out.`;
  const what = lost === null ? 'Lines' : `${lost} ${lost === 1 ? 'line' : 'lines'}`;
  return `${what} of instance ${instance ?? '?'} lost here.`;
}
