import { hash } from 'node:crypto';

/** Longer values are recorded as a hash and a length. In bytes of JSON. */
const MAX_VALUE_BYTES = 1024;

/** A value before and after a change. */
interface ChangedField {
  old: unknown;
  new: unknown;
}

/** What a change of an object changed, by field, as the audit log keeps it. */
export type ChangedFields = Record<string, ChangedField>;

/**
 * The fields that differ between two states of an object. Values are included, so the states must hold nothing secret:
 * see `changedKeys` for what may be.
 */
export function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ChangedFields {
  const changed: ChangedFields = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, next] = [before[field] ?? null, after[field] ?? null];
    if (JSON.stringify(old) === JSON.stringify(next)) continue;
    changed[field] = { old: valueBound(old), new: valueBound(next) };
  }
  return changed;
}

/** A map whose values may be secret, by its keys alone: those that were there, and those that are, if they differ. */
export function changedKeys(
  field: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ChangedFields {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const mark = (here: Readonly<Record<string, string>>, there: Readonly<Record<string, string>>) =>
    keys
      .filter((key) => here[key] !== undefined && here[key] !== there[key])
      .map((key) => (there[key] === undefined ? key : `${key} (changed)`));
  const [old, next] = [mark(before, after), mark(after, before)];
  if (old.length === 0 && next.length === 0) return {};
  return { [field]: { old: valueBound(old), new: valueBound(next) } };
}

function valueBound(value: unknown): unknown {
  const json = JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_VALUE_BYTES) return value;
  return { sha256: hash('sha256', json, 'hex'), bytes };
}
