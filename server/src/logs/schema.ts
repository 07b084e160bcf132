import { type Static, Type } from 'typebox';
import { momentSchema } from '../http/moment.ts';

export const LOG_CURSOR_FAULT =
  'Must be the "cursor" of a line, or taken from "next" or "previous", as it is.';

const count = (pattern: string, minimum: number, description: string) =>
  Type.Optional(
    Type.String({
      pattern,
      fault: `Must be a whole number from ${minimum}.`,
      // A query string holds only text; this is for the documents.
      shownAs: { type: 'integer', minimum, default: 200 },
      examples: [200],
      description,
    }),
  );

export const LogListQuery = Type.Object(
  {
    tail: count(
      '^[0-9]{1,9}$',
      0,
      'Without `cursor`: how many of the last lines, 0 to 1000; 200 if not given. More acts as 1000. A stream begins with them.',
    ),
    limit: count(
      '^0*[1-9][0-9]{0,8}$',
      1,
      'With `cursor`: the size of the page, 1 to 1000; 200 if not given. More acts as 1000.',
    ),
    cursor: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]+={0,2}$',
        fault: LOG_CURSOR_FAULT,
        examples: ['cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz'],
        description:
          'Start behind this line: its `cursor`. `previous` has one that leads to the lines before.',
      }),
    ),
    since: momentSchema('Only lines written then or later.'),
    until: momentSchema('Only lines written before then.'),
    stream: Type.Optional(
      Type.Enum(['stdout', 'stderr'], {
        fault: 'Must be stdout or stderr.',
        description: 'Only lines of this stream.',
      }),
    ),
    contains: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        examples: ['error'],
        description: 'Only lines that contain this text, as it is written.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type LogListQuery = Static<typeof LogListQuery>;

const LINE_EXAMPLE = {
  type: 'line',
  cursor: 'cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz',
  at: '2026-11-02T09:30:00.123456789Z',
  stream: 'stdout',
  instance: 1,
  text: 'listening on [::]:80',
  cut: false,
} as const;

export const LogRow = Type.Object(
  {
    type: Type.Enum(['line', 'gap'], {
      description:
        '`line`: something that the process wrote. `gap`: lines were lost at this place. Of a gap, `cursor`, `at`, `stream` and `text` are `null`. The list may grow.',
    }),
    cursor: Type.Union([Type.String(), Type.Null()], {
      description:
        'Opaque; identifies the line for good. The cursor behind it, for `?cursor=` and `Last-Event-ID`.',
    }),
    at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the engine received it, to the nanosecond if the engine knows it.',
    }),
    stream: Type.Union([Type.Enum(['stdout', 'stderr']), Type.Null()], {
      description: 'Which stream it was written to.',
    }),
    instance: Type.Union([Type.Integer(), Type.Null()], {
      description:
        'Which start of the process wrote it, counted from 1 in the life of the container; `null` where it is not known.',
    }),
    text: Type.Union([Type.String(), Type.Null()], {
      description:
        'The line without its line feed, at most 64 KiB. What is not UTF-8 is replaced; carriage returns are kept.',
    }),
    cut: Type.Boolean({
      description: 'The line was longer than 64 KiB, and goes on in the next row of its stream.',
    }),
    lost_lines: Type.Optional(
      Type.Union([Type.Integer({ format: 'int64' }), Type.Null()], {
        description: 'Of a gap: how many lines were lost; `null` where it is not known.',
      }),
    ),
  },
  {
    title: 'LogRow',
    description: 'A line that a container wrote, or a place where lines were lost.',
    examples: [LINE_EXAMPLE],
  },
);
export type LogRow = Static<typeof LogRow>;

const orNull = <T extends ReturnType<typeof Type.Number> | ReturnType<typeof Type.Integer>>(
  type: T,
  description: string,
) => Type.Union([type, Type.Null()], { description });

const bytes = (description: string) => orNull(Type.Integer({ format: 'int64' }), description);

const STATS_EXAMPLE = {
  observed_at: '2026-11-02T09:30:00.000Z',
  memory_bytes: 18_350_080,
  memory_limit_bytes: 1_073_741_824,
  cpu_seconds: 3.25,
  network_received_bytes: 80_123,
  network_sent_bytes: 612_004,
  processes: 3,
  disk_bytes: 4096,
  volume_bytes: 52_428_800,
};

export const ContainerStats = Type.Object(
  {
    observed_at: Type.String({
      format: 'date-time',
      description: 'When the engine was asked, at most 2 seconds ago.',
    }),
    memory_bytes: bytes('Memory in use, without the cache of files.'),
    memory_limit_bytes: bytes('How much it may use.'),
    cpu_seconds: orNull(Type.Number(), 'Processor time since the process was started.'),
    network_received_bytes: bytes('Received since the process was started.'),
    network_sent_bytes: bytes('Sent since the process was started.'),
    processes: orNull(Type.Integer(), 'How many processes and threads there are.'),
    disk_bytes: bytes('What it wrote outside its volumes.'),
    volume_bytes: bytes(
      'Data in its volumes, as last measured; 0 if it has none, `null` if one was not measured yet.',
    ),
  },
  {
    title: 'ContainerStats',
    description: 'What a container uses. A value is `null` where it is not known.',
    examples: [STATS_EXAMPLE],
  },
);
export type ContainerStats = Static<typeof ContainerStats>;
