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
