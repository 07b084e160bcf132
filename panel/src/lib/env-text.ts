/** One variable as it is edited. The name may still be wrong or taken: the server, or `envFaults`, says so. */
export interface EnvRow {
  name: string;
  value: string;
}

/** What a text of variables means, or what is wrong in which line (from 1). */
export type EnvParsed =
  | { rows: EnvRow[]; fault?: undefined }
  | { rows?: undefined; fault: { line: number; message: string } };

/** Names and values that need no quotes: no space, quote, backslash, comment or control character in them. */
const BARE_NAME = /^[^\s="'#\\\p{C}]+$/u;
const BARE_VALUE = /^[^\s"'#\\\p{C}]*$/u;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Variables as the text of an `.env` file, one a line. `envParse` reads exactly the same names and values back,
 * whatever they contain.
 */
export function envFormat(rows: readonly EnvRow[]): string {
  return rows
    .map(({ name, value }) => {
      const left = BARE_NAME.test(name) && name !== 'export' ? name : quoted(name);
      return `${left}=${BARE_VALUE.test(value) ? value : quoted(value)}`;
    })
    .join('\n');
}

function quoted(text: string): string {
  const inside = text.replaceAll(/[\\"\n\r\t\p{C}]/gu, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    return [...character]
      .flatMap((point) => point.split(''))
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
  return `"${inside}"`;
}

/**
 * Reads the text of an `.env` file: `NAME=value`, `export NAME=value`, comments, values in single quotes (as they are)
 * or double quotes (with `\n`, `\r`, `\t`, `\"`, `\\` and `\uXXXX`), both over several lines. Comments are not kept.
 */
export function envParse(text: string): EnvParsed {
  const scan = { text: text.replaceAll('\r\n', '\n'), at: 0 };
  const rows: EnvRow[] = [];
  while (scan.at < scan.text.length) {
    const start = scan.at;
    const row = rowRead(scan);
    if (typeof row === 'string') {
      const line = scan.text.slice(0, start).split('\n').length;
      return { fault: { line, message: row } };
    }
    if (row !== null) rows.push(row);
  }
  return { rows };
}

interface Scan {
  text: string;
  at: number;
}

/** Takes what the pattern matches here. */
function take(scan: Scan, pattern: RegExp): RegExpExecArray | null {
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  sticky.lastIndex = scan.at;
  const match = sticky.exec(scan.text);
  if (match !== null) scan.at += match[0].length;
  return match;
}

/** @returns a variable, null for a line without one, or what is wrong. */
function rowRead(scan: Scan): EnvRow | string | null {
  if (take(scan, /[^\S\n]*(#[^\n]*)?(\n|$)/) !== null) return null;
  take(scan, /[^\S\n]*(export[^\S\n]+(?=[^\s=]))?/);
  const name = quotedRead(scan) ?? take(scan, /[^\n=]*?(?=[^\S\n]*[=\n]|[^\S\n]*$)/)?.[0] ?? '';
  if (typeof name !== 'string') return name.fault;
  if (take(scan, /[^\S\n]*=[^\S\n]*/) === null) return 'Write NAME=value.';
  const value = quotedRead(scan);
  if (value === null) {
    const bare = take(scan, /[^\n]*/)?.[0] ?? '';
    take(scan, /\n/);
    return { name, value: bare.replace(/(^|\s+)#.*$/s, '').trimEnd() };
  }
  if (typeof value !== 'string') return value.fault;
  const rest = take(scan, /[^\S\n]*(#[^\n]*)?(\n|$)/);
  return rest === null ? 'Put a line break after the closing quote.' : { name, value };
}

/** @returns what stands between quotes, null if there are none here. */
function quotedRead(scan: Scan): string | { fault: string } | null {
  const quote = scan.text[scan.at];
  if (quote !== '"' && quote !== "'") return null;
  const match = take(scan, quote === '"' ? /"((?:[^"\\]|\\[^])*)"/ : /'([^']*)'/);
  if (match === null) return { fault: `The quote ${quote} is not closed.` };
  const inside = match[1] ?? '';
  if (quote === "'") return inside;
  return inside.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (whole, code?: string, one = '') => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return ESCAPED[one] ?? whole;
  });
}

/** The variables as the API takes them. Of a name that occurs twice, the last value counts; see `envFaults`. */
export function envOf(rows: readonly EnvRow[]): Record<string, string> {
  // No row with both sides empty: it is one that was added and not filled in.
  const filled = rows.filter(({ name, value }) => name !== '' || value !== '');
  return Object.fromEntries(filled.map(({ name, value }) => [name, value]));
}

export function envRowsOf(env: Readonly<Record<string, string>>): EnvRow[] {
  return Object.entries(env).map(([name, value]) => ({ name, value }));
}

/** What the server can't see in a map: names that occur twice, by the index of the row. */
export function envFaults(rows: readonly EnvRow[]): Record<number, string> {
  const seen = new Set<string>();
  const faults: Record<number, string> = {};
  for (const [index, { name, value }] of rows.entries()) {
    if (name === '' && value === '') continue;
    if (name === '') faults[index] = 'Enter a name.';
    else if (seen.has(name)) faults[index] = 'This name is used above.';
    seen.add(name);
  }
  return faults;
}
