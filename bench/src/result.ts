/** A line of the bench's table. */
export interface Result {
  /** The goal, e.g. `P1`. */
  id: string;
  what: string;
  /** With unit. */
  ours: string;
  /** The baseline's value from the same run, with unit. */
  raw: string;
  ratio: string;
  /** Empty: there is none, and the line is for comparison. */
  goal: string;
  isReached: boolean;
}

/** A result as a ratio to a baseline. */
export interface Comparison {
  id: string;
  what: string;
  ours: number;
  raw: number;
  unit: 'ms' | '/s';
  /** Default: none. */
  goal?: { atMost: number } | { atLeast: number };
}

/** @returns ours ÷ raw against the goal, if there is one. */
export function compare({ id, what, ours, raw, unit, goal }: Comparison): Result {
  const ratio = ours / raw;
  const values = { ours: measured(ours, unit), raw: measured(raw, unit), ratio: ratio.toFixed(2) };
  if (goal === undefined) return { id, what, ...values, goal: '', isReached: true };
  const isCeiling = 'atMost' in goal;
  return {
    id,
    what,
    ...values,
    goal: isCeiling ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`,
    isReached: isCeiling ? ratio <= goal.atMost : ratio >= goal.atLeast,
  };
}

/** A result without a baseline. */
export function limit(
  id: string,
  what: string,
  value: number,
  unit: string,
  atMost: number,
): Result {
  return {
    id,
    what,
    ours: measured(value, unit),
    raw: '',
    ratio: '',
    goal: `≤ ${measured(atMost, unit)}`,
    isReached: value <= atMost,
  };
}

/** Three significant digits, and the unit. */
export function measured(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = Number.isInteger(value) ? String(value) : value.toFixed(digits);
  return unit.startsWith('/') || unit === '' ? `${text}${unit}` : `${text} ${unit}`;
}

/** The results as a Markdown table. */
export function resultsTable(results: readonly Result[]): string {
  const rows = [
    ['id', 'what', 'ours', 'raw', 'ratio', 'goal', 'reached'],
    ...results.map((result) => [
      result.id,
      result.what,
      result.ours,
      result.raw,
      result.ratio,
      result.goal,
      result.goal === '' ? '' : result.isReached ? 'yes' : '**no**',
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0, fill)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map((row) => line(row)),
  ].join('\n');
}
