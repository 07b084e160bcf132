import { Type } from 'typebox';
import { validationError } from '../base/errors.ts';

const RFC_3339 =
  '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})$';
const MOMENT_FAULT = 'Must be a time like 2026-11-02T09:30:00Z.';

/** A time in a query. */
export const momentSchema = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: RFC_3339,
      fault: MOMENT_FAULT,
      examples: ['2026-11-02T09:30:00Z'],
      description,
    }),
  );

/** A time in a query that has matched its schema. @throws ApiError 400 for a date that does not exist. */
export function momentRequire(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw validationError({ [field]: [MOMENT_FAULT] });
  return moment;
}
