import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import { stringify } from 'yaml';
import { type Connection, connectionResolve } from './connection.ts';
import { CliError } from './exit.ts';
import type { CommonFlags, OutputFormat } from './flags.ts';
import { type CliContext, type Io, hasColor } from './io.ts';
import { printable } from './printable.ts';
import { type Column, detailsText, tableText } from './table.ts';

/** How a command talks to the API and to the person. */
export interface Session {
  io: Io;
  connection: Connection;
  client: DollarboxClient;
  print: Printer;
  /** Says something to the person, on the standard error. */
  say(text: string): void;
}

/** Prints data on the standard output, as the flags ask. */
export interface Printer {
  format: OutputFormat;
  /** A list: as a table of these columns, or as an array. */
  list<Row extends object>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** One object: as a table of one row if there are columns, else with all its attributes. */
  one<Row extends object>(row: Row, columns?: readonly Column<Row>[]): void;
  /** One object of a list without an end: a line each. */
  line(row: object, text: string): void;
}

/** @throws CliError if nobody is signed in. */
export async function sessionOpen({ io }: CliContext, flags: CommonFlags): Promise<Session> {
  const connection = await connectionResolve(io, flags);
  const say = (text: string) => void io.stderr.write(`${printable(text)}\n`);
  return {
    io,
    connection,
    client: clientOf(io, connection, say),
    print: printerCreate(io, flags),
    say,
  };
}

function clientOf(io: Io, { url, token, org }: Connection, say: (text: string) => void) {
  return dollarboxClientCreate({
    baseUrl: url,
    token,
    ...(org === undefined ? {} : { org }),
    fetch: (request, { signal }) =>
      fetch(request, { signal: AbortSignal.any([io.signal, signal]) }),
    onRetry({ response, delayMs }) {
      if (delayMs < 1000) return;
      const why = response === null ? 'No reply' : `The server answered ${response.status}`;
      say(`${why}: trying again in ${Math.round(delayMs / 1000)} s`);
    },
  });
}

export function printerCreate(io: Io, flags: Pick<CommonFlags, 'json' | 'output'>): Printer {
  const { json: fields, output } = flags;
  if (fields !== undefined && output !== undefined && output !== 'json') {
    throw new CliError('usage', `--json prints JSON: leave --output ${output} out.`);
  }
  const format = fields === undefined ? (output ?? 'table') : 'json';
  const write = (text: string) => void io.stdout.write(text);
  const picked = (row: object) => (fields === undefined ? row : fieldsPick(row, fields));
  const encoded = (value: unknown) =>
    format === 'yaml' ? stringify(value) : `${JSON.stringify(value, null, 2)}\n`;
  const isColored = hasColor(io, io.stdout);
  return {
    format,
    list(columns, rows) {
      if (format === 'table') write(tableText(columns, rows, isColored));
      else write(encoded(rows.map(picked)));
    },
    one(row, columns) {
      if (format !== 'table') write(encoded(picked(row)));
      else write(columns === undefined ? detailsText(row) : tableText(columns, [row], isColored));
    },
    line(row, text) {
      if (format === 'table') write(`${printable(text)}\n`);
      else if (format === 'yaml') write(`---\n${encoded(picked(row))}`);
      else write(`${JSON.stringify(picked(row))}\n`);
    },
  };
}

/** @throws CliError if there is no such attribute. */
function fieldsPick(row: object, fields: readonly string[]): object {
  const entries = new Map(Object.entries(row));
  const unknown = fields.filter((field) => !entries.has(field));
  if (unknown.length > 0) {
    const known = [...entries.keys()].join(', ');
    throw new CliError(
      'usage',
      `There is no attribute ${unknown.join(', ')}.`,
      `There are ${known}.`,
    );
  }
  return Object.fromEntries(fields.map((field) => [field, entries.get(field)]));
}
