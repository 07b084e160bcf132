/** The words of a command line, or what is wrong with it. */
export type WordsParsed =
  | { words: string[]; fault?: undefined }
  | { words?: undefined; fault: string };

const BARE = /^[\w@%+=:,./-]+$/;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A command as a line to edit, quoted as in a shell. `wordsParse` reads exactly the same words back. */
export function wordsFormat(words: readonly string[]): string {
  return words
    .map((word) => {
      if (BARE.test(word)) return word;
      if (!/[\r\t]/.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
      const inside = word.replaceAll(/[\\'\n\r\t]/g, (character) => {
        const letter = { '\n': 'n', '\r': 'r', '\t': 't' }[character];
        return `\\${letter ?? character}`;
      });
      return `$'${inside}'`;
    })
    .join(' ');
}

/** A word of a command line, and what a shell would make of it. */
export interface ShellWord {
  /** The word without its quotes. Nothing is expanded. */
  text: string;
  /** Whether a line break that no backslash joins stands before it. */
  startsLine: boolean;
  /** Whether it contains an operator such as `&&` or `|`, unquoted. */
  isOperator: boolean;
  /** Whether a shell would replace a variable or the output of a command in it. */
  isExpanded: boolean;
}

const PARTS =
  /(\s+)|\$'((?:[^'\\]|\\[^])*)'|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|(\$[\w{(@*#?!-][^\s'"\\$]*|[^\s'"\\$]+|\$)|([^])/g;
const EXPANDED = /(?<!\\)(?:\$[\w{(@*#?!-]|`)/;

/** Splits a text into words as a POSIX shell does: spaces, single and double quotes, `$'…'` and backslashes. */
export function shellScan(
  text: string,
): { words: ShellWord[]; fault?: undefined } | { words?: undefined; fault: string } {
  const words: ShellWord[] = [];
  let word: ShellWord | null = null;
  let startsLine = true;
  for (const part of text.matchAll(PARTS)) {
    const [, space, ansi, single, double, escaped, bare, odd] = part;
    if (odd !== undefined) {
      return { fault: odd === '\\' ? 'Ends with a backslash.' : `The quote ${odd} is not closed.` };
    }
    if (space !== undefined) {
      if (word !== null) words.push(word);
      startsLine = (word === null && startsLine) || space.includes('\n');
      word = null;
      continue;
    }
    // A backslash at the end of a line joins it with the next.
    if (escaped === '\n') continue;
    word ??= { text: '', startsLine, isOperator: false, isExpanded: false };
    word.text +=
      ansi?.replaceAll(/\\([^])/g, (_, one: string) => ESCAPED[one] ?? one) ??
      double?.replaceAll(/\\(["\\$`])/g, '$1').replaceAll('\\\n', '') ??
      escaped ??
      single ??
      bare ??
      '';
    word.isOperator ||= bare !== undefined && /[;&|<>]/.test(bare);
    word.isExpanded ||= EXPANDED.test(double ?? bare ?? '');
  }
  if (word !== null) words.push(word);
  return { words };
}

/** The words of a command line. Nothing is expanded, since no shell runs. */
export function wordsParse(line: string): WordsParsed {
  const { words, fault } = shellScan(line);
  return fault === undefined ? { words: words.map(({ text }) => text) } : { fault };
}
