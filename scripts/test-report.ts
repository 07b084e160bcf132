import type { TestFileResult } from './test-file.ts';

const SLOW_MS = 5_000;
const SLOW_SHOWN_MAX = 15;

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** A file that crashed, hung or held no test counts as one failure more. */
export function totalsOf(results: readonly TestFileResult[]): Totals {
  const lines = results.flatMap((result) => result.lines);
  const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
  const faults = results.filter(({ fault }) => fault !== null).length;
  return { passed: count('pass'), failed: count('fail') + faults, skipped: count('skip') };
}

/** The very last line of a run: read by machines. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** What is shown when a file has ended: one line, and all about its failures. */
export function fileReport(result: TestFileResult): string {
  const totals = totalsOf([result]);
  const isGood = totals.failed === 0;
  const head = `${isGood ? 'ok  ' : 'FAIL'}  ${result.file}  ${closingLine(totals)}  (${seconds(result.ms)})`;
  if (isGood) return head;
  const failures = result.lines.flatMap((line) =>
    line.kind === 'fail' ? [`✖ ${line.name}  (${line.at})`, indent(line.error)] : [],
  );
  const fault = result.fault === null ? [] : [`✖ the file: ${result.fault}`];
  const output = result.output.trim() === '' ? [] : ['its output:', indent(result.output.trim())];
  return [head, indent([...failures, ...fault, ...output].join('\n'))].join('\n');
}

/** What is shown before the closing line: skips by reason, slow tests, and the names of what failed. */
export function runReport(results: readonly TestFileResult[], ms: number): string {
  const tests = results.flatMap(({ file, lines }) => lines.map((line) => ({ file, line })));
  const sections: string[] = [];

  const reasons = new Map<string, string[]>();
  for (const { file, line } of tests) {
    if (line.kind !== 'skip') continue;
    const reason = line.reason ?? 'no reason given';
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${file}: ${line.name}`]);
  }
  for (const [reason, names] of reasons) sections.push(list(`Skipped (${reason}):`, names));

  const slow = tests
    .filter(({ line }) => line.ms >= SLOW_MS)
    .toSorted((a, b) => b.line.ms - a.line.ms)
    .map(({ file, line }) => `${seconds(line.ms)}  ${file}: ${line.name}`);
  if (slow.length > 0) sections.push(list('Slow:', slow.slice(0, SLOW_SHOWN_MAX)));

  const failed = [
    ...tests.flatMap(({ file, line }) => (line.kind === 'fail' ? [`${file}: ${line.name}`] : [])),
    ...results.flatMap(({ file, fault }) => (fault === null ? [] : [`${file}: ${fault}`])),
  ];
  if (failed.length > 0) sections.push(list('Failed:', failed));

  sections.push(`${results.length} files in ${seconds(ms)}`);
  return sections.join('\n\n');
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
