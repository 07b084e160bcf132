import { OperatorError } from '../base/errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * A future time, from RFC 3339 (`2027-01-31T12:00:00Z`) or a duration from now (`30d`, `12h`, `45m`, `2w`).
 * @throws OperatorError
 */
export function expiryParse(text: string, now: Date): Date {
  const expiresAt = momentOf(text, now);
  if (expiresAt === null) {
    throw new OperatorError(
      `"${text}" is no time: write it as 2027-01-31T12:00:00Z, or as a duration such as 30d, 12h or 45m.`,
    );
  }
  if (expiresAt <= now) {
    throw new OperatorError(
      `A token can't expire at once or in the past: ${text} is not in the future.`,
    );
  }
  return expiresAt;
}

function momentOf(text: string, now: Date): Date | null {
  const [, count, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return new Date(now.getTime() + Number(count) * (UNIT_MS[unit] ?? 0));
  }
  if (!RFC3339.test(text)) return null;
  try {
    // Unlike Date, this rejects February 30.
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
}
