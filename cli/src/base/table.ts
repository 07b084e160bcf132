import { type Color, colored } from './color.ts';
import { printableLine } from './printable.ts';

/** A column of a table. */
export interface Column<Row> {
  title: string;
  text(row: Row): string;
  color?(row: Row): Color | null;
}

interface Cell {
  text: string;
  color: Color | null;
}

/** A table as text, its columns padded to their longest cell; without rows only its head. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  hasColor: boolean,
): string {
  const head = columns.map(({ title }): Cell => ({ text: title, color: hasColor ? 'dim' : null }));
  const body = rows.map((row) =>
    columns.map((column): Cell => {
      const color = hasColor ? (column.color?.(row) ?? null) : null;
      return { text: printableLine(column.text(row)), color };
    }),
  );
  const lines = [head, ...body];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => widthOf(line[index]?.text ?? ''))),
  );
  return lines.map((line) => `${lineText(line, widths)}\n`).join('');
}

function lineText(line: readonly Cell[], widths: readonly number[]): string {
  const last = line.length - 1;
  return line
    .map(({ text, color }, index) => {
      const rest = index === last ? 0 : (widths[index] ?? 0) - widthOf(text);
      return (color === null ? text : colored(text, color)) + ' '.repeat(rest);
    })
    .join('  ');
}

/** The attributes of one object as text, one a line; nested ones as JSON. */
export function detailsText(object: object): string {
  const entries = Object.entries(object);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${valueText(value)}\n`)
    .join('');
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return printableLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const segments = new Intl.Segmenter();

/** The number of characters that are seen. */
function widthOf(text: string): number {
  return [...segments.segment(text)].length;
}
