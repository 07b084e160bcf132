/**
 * Text from elsewhere, such as the output of a container, without what would act on a terminal: escape sequences, cursor
 * movements, bells. Line ends stay.
 */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]\s*/g, ' ')).replaceAll('\t', ' ');
}

/** What sets colours and the like (SGR), and nothing else of a terminal. Source: ECMA-48, section 8.3.117. */
// oxlint-disable-next-line no-control-regex -- escape sequences begin with one
const COLOR = /(\u001B\[[\d;:]*m)/u;

/** The same, but colours stay, and end with the text. */
export function printableColored(text: string): string {
  const parts = text.split(COLOR);
  if (parts.length === 1) return printable(text);
  const shown = parts.map((part, index) => (index % 2 === 1 ? part : printable(part)));
  return `${shown.join('')}\u001B[0m`;
}
