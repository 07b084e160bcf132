/** Rows in columns as wide as their widest cell, under a heading; a sentence when there is no row. */
export function tableFormat<Row extends object>(
  rows: readonly Row[],
  columns: Readonly<Record<string, (row: Row) => string | number>>,
  whenEmpty: string,
): string {
  if (rows.length === 0) return whenEmpty;
  const cells = [
    Object.keys(columns),
    ...rows.map((row) => Object.values(columns).map((cell) => visible(String(cell(row))))),
  ];
  const widths = Object.keys(columns).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Makes text from others safe: it can't control a terminal or break a row. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** A time to the second, as shown in lists; a dash if there is none. */
export function timeShow(time: Date | null): string {
  return time === null ? '-' : time.toISOString().replace(/\.\d+Z$/, 'Z');
}
