import { OperatorError } from '../base/errors.ts';
import type { CommandValues } from './command.ts';

const NAME_LENGTH_MAX = 100;
const LIMIT_MAX = 1_000_000;

/** The value of a required option; the command line was checked for it. */
export function valueOf(values: CommandValues, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`the option --${name} is not marked as required`);
  return value;
}

/** @throws OperatorError if a value is not one of the choices. */
export function choiceOf<T extends string>(
  values: CommandValues,
  name: string,
  choices: readonly T[],
): T {
  const value = valueOf(values, name);
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new OperatorError(`--${name} must be one of ${choices.join(', ')}, not "${value}".`);
}

/** An id. @throws OperatorError if it can't be one. */
export function idOf(values: CommandValues, name: string): number {
  const value = valueOf(values, name);
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new OperatorError(`--${name} must be a whole number, not "${value}".`);
}

/** A display name. @throws OperatorError if it is too long or contains control characters. */
export function nameOf(values: CommandValues, name: string): string {
  const value = valueOf(values, name).trim();
  if (value !== '' && value.length <= NAME_LENGTH_MAX && !/[\p{Cc}\p{Cs}]/u.test(value)) {
    return value;
  }
  throw new OperatorError(
    `--${name} must have 1 to ${NAME_LENGTH_MAX} characters, not only spaces, and no control characters.`,
  );
}

/** A limit of a plan; null if it was not given. @throws OperatorError if it is not a whole number. */
export function limitOf(values: CommandValues, name: string): number | null {
  const value = values[name];
  if (value === undefined) return null;
  if (/^\d{1,7}$/.test(value) && Number(value) <= LIMIT_MAX) return Number(value);
  throw new OperatorError(
    `--${name} must be a whole number from 0 to ${LIMIT_MAX}, not "${value}".`,
  );
}
