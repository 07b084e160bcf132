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

/**
 * Splits a line into words as a POSIX shell does: spaces, single and double quotes, `$'…'` and backslashes. Nothing is
 * expanded, since no shell runs.
 */
export function wordsParse(line: string): WordsParsed {
  const words: string[] = [];
  let word: string | null = null;
  const parts =
    /(\s+)|\$'((?:[^'\\]|\\[^])*)'|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\$]+|\$)|([^])/g;
  for (const part of line.matchAll(parts)) {
    const [, space, ansi, single, double, escaped, bare, odd] = part;
    if (odd !== undefined) {
      return { fault: odd === '\\' ? 'Ends with a backslash.' : `The quote ${odd} is not closed.` };
    }
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const text =
      ansi?.replaceAll(/\\([^])/g, (_, one: string) => ESCAPED[one] ?? one) ??
      double?.replaceAll(/\\(["\\$`])/g, '$1').replaceAll('\\\n', '') ??
      (escaped === '\n' ? '' : escaped) ??
      single ??
      bare ??
      '';
    word = (word ?? '') + text;
  }
  if (word !== null) words.push(word);
  return { words };
}
