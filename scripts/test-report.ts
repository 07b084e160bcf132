import type { TestFileResult } from './test-file.ts';

const SLOW_MS = 5_000;
const SLOW_SHOWN_MAX = 25;
const ERROR_LINES_MAX = 40;
const OUTPUT_LINES_MAX = 30;

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * A file that crashed, hung or contains no test counts as one more failure.
 * @param faults failures outside the files, each of which counts as one.
 */
export function totalsOf(
  results: readonly TestFileResult[],
  faults: readonly string[] = [],
): Totals {
  const lines = results.flatMap((result) => result.lines);
  const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
  const fileFaults = results.filter(({ fault }) => fault !== null).length;
  return {
    passed: count('pass'),
    failed: count('fail') + fileFaults + faults.length,
    skipped: count('skip'),
  };
}

/** The last line of a run, for machines to read. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** What is shown when a file has ended: one line, and the details of its failures. */
export function fileReport(result: TestFileResult): string {
  const totals = totalsOf([result]);
  const isGood = totals.failed === 0;
  const head = `${isGood ? 'ok  ' : 'FAIL'}  ${result.file}  ${closingLine(totals)}  (${seconds(result.ms)})`;
  if (isGood) return [head, ...countedLines(result).map(indent)].join('\n');
  const failures = result.lines.flatMap((line) =>
    line.kind === 'fail' ? [`✖ ${line.name}  (${line.at})`, indent(line.error)] : [],
  );
  const fault = result.fault === null ? [] : [`✖ the file: ${result.fault}`];
  const output = result.output.trim() === '' ? [] : ['its output:', indent(result.output.trim())];
  return [head, indent([...failures, ...fault, ...output].join('\n'))].join('\n');
}

/** What a file that passed says about how much it tried: the lines of its output that start with `counted: `. */
function countedLines({ output }: TestFileResult): string[] {
  return output.split('\n').filter((line) => line.startsWith('counted: '));
}

/**
 * What is shown before the closing line: skipped tests by reason, slow tests and files, and each failure with its error
 * and the end of its file's output. The end of a long log is thus enough to find the cause.
 */
export function runReport(
  results: readonly TestFileResult[],
  faults: readonly string[],
  ms: number,
): string {
  const sections = [
    ...skippedSections(results),
    ...slowSections(results),
    ...failedSections(results, faults),
  ];
  return [...sections, `${results.length} files in ${seconds(ms)}`].join('\n\n');
}

function skippedSections(results: readonly TestFileResult[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { file, lines } of results) {
    for (const line of lines) {
      if (line.kind !== 'skip') continue;
      const reason = line.reason ?? 'no reason given';
      reasons.set(reason, [...(reasons.get(reason) ?? []), `${file}: ${line.name}`]);
    }
  }
  return [...reasons].map(([reason, names]) => list(`Skipped (${reason}):`, names));
}

function slowSections(results: readonly TestFileResult[]): string[] {
  const tests = results.flatMap(({ file, lines }) =>
    lines.map(({ name, ms }) => ({ name: `${file}: ${name}`, ms })),
  );
  const files = results.map(({ file, ms }) => ({ name: file, ms }));
  return [slowest('Slow tests:', tests), slowest('Slow files:', files)].filter(
    (text) => text !== '',
  );
}

function slowest(title: string, entries: readonly { name: string; ms: number }[]): string {
  const slow = entries.filter(({ ms }) => ms >= SLOW_MS).toSorted((a, b) => b.ms - a.ms);
  if (slow.length === 0) return '';
  const shown = slow.slice(0, SLOW_SHOWN_MAX);
  return list(
    title,
    shown.map(({ name, ms }) => `${seconds(ms)}  ${name}`),
  );
}

function failedSections(results: readonly TestFileResult[], faults: readonly string[]): string[] {
  const failures = results.flatMap(({ file, lines, fault, output }) => {
    const errors = lines.flatMap((line) =>
      line.kind === 'fail'
        ? [`${file}: ${line.name}  (${line.at})\n${indent(firstLines(line.error))}`]
        : [],
    );
    if (fault !== null) errors.push(`${file}: ${fault}`);
    const text = output.trim();
    if (errors.length === 0 || text === '') return errors;
    const last = text.split('\n').slice(-OUTPUT_LINES_MAX).join('\n');
    return [...errors, `the end of the output of ${file}:\n${indent(last)}`];
  });
  const all = [...failures, ...faults];
  return all.length === 0 ? [] : [list('Failed:', all)];
}

function firstLines(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= ERROR_LINES_MAX) return text;
  return [...lines.slice(0, ERROR_LINES_MAX), '…'].join('\n');
}

function list(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
