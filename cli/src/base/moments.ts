import { CliError } from './exit.ts';

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
];

/** How long ago a time is, such as `5 min`. */
export function ageText(time: string, nowMs: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(time)) / 1000));
  for (const [unit, size] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${seconds} s`;
}

/** How far away a time is that lies ahead, such as `in 5 min`; `soon` once it has passed. */
export function aheadText(time: string, nowMs: number = Date.now()): string {
  const from = new Date(nowMs).toISOString();
  return Date.parse(time) > nowMs ? `in ${ageText(from, Date.parse(time))}` : 'soon';
}

const AGO_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * A moment that a person has written: a time, or how long ago, such as `90s`, `5m`, `2h`, `1d`.
 * @returns it as RFC 3339.
 * @throws CliError if it is neither.
 */
export function momentParse(text: string, nowMs: number = Date.now()): string {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return new Date(nowMs - Number(count) * (AGO_SECONDS[unit] ?? 0) * 1000).toISOString();
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new CliError(
      'usage',
      `${text} is no time.`,
      'Write 2026-11-30T12:00:00Z, or 5m for 5 minutes ago.',
    );
  }
  // One that is exact already is finer than milliseconds.
  return /(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : new Date(text).toISOString();
}
