import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import type { FieldFaults } from '../errors.ts';

// Every fault at once: TypeBox stops at eight by default.
Settings.Set({ maxErrors: 2000 });

const MAX_PATH_LENGTH = 200;

/** Said of a field that the schema does not know. */
export const UNKNOWN_FIELD = 'Unknown field.';

/** Every fault of a value by path; none when it is good. */
export type Validator = (value: unknown) => FieldFaults;

/**
 * Compiles a schema. A schema's own `fault` keyword is the sentence for its pattern, format or range.
 */
export function validatorCompile(schema: TSchema): Validator {
  const compiled = Compile(schema);
  return (value) => {
    const faults: FieldFaults = textFaults(value) ?? {};
    if (compiled.Check(value)) return faults;
    for (const error of compiled.Errors(value)) collectFault(schema, error, faults);
    return faults;
  };
}

export function faultAdd(faults: FieldFaults, path: string, message: string): void {
  const short = path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}…` : path;
  // `__proto__` is a name like another one here.
  const known = Object.getOwnPropertyDescriptor(faults, short)?.value as string[] | undefined;
  if (known === undefined) {
    Object.defineProperty(faults, short, {
      value: [message],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else if (!known.includes(message)) {
    known.push(message);
  }
}

interface SchemaError {
  keyword: string;
  schemaPath: string;
  instancePath: string;
  params: object;
}

function collectFault(schema: TSchema, error: SchemaError, faults: FieldFaults): void {
  const path = error.instancePath.split('/').slice(1).join('.');
  const join = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const params = error.params as Record<string, unknown>;
  const node = schemaNode(schema, error.schemaPath);
  switch (error.keyword) {
    case 'boolean':
      // Said once more, with exact names, by `additionalProperties`.
      return;
    case 'required':
      for (const name of params['requiredProperties'] as string[]) {
        faultAdd(faults, join(name), 'This field is required.');
      }
      return;
    case 'additionalProperties': {
      const sentence = typeof node?.['keyFault'] === 'string' ? node['keyFault'] : UNKNOWN_FIELD;
      for (const name of params['additionalProperties'] as string[]) {
        faultAdd(faults, join(name), sentence);
      }
      return;
    }
    default:
      faultAdd(faults, path, faultSentence(error.keyword, params, node));
  }
}

function faultSentence(
  keyword: string,
  params: Record<string, unknown>,
  node: Record<string, unknown> | null,
): string {
  if (keyword === 'type') return `Must be ${typeName(String(params['type']))}.`;
  if (typeof node?.['fault'] === 'string') return node['fault'];
  const limit = String(params['limit']);
  switch (keyword) {
    case 'minLength':
      return Number(limit) === 1 ? 'Must not be empty.' : `Must have at least ${limit} characters.`;
    case 'maxLength':
      return `Must have at most ${limit} characters.`;
    case 'minimum':
      return `Must be ${limit} or more.`;
    case 'maximum':
      return `Must be ${limit} or less.`;
    case 'maxItems':
      return `Must have at most ${limit} items.`;
    case 'maxProperties':
      return `Must have at most ${limit} entries.`;
    case 'minProperties':
      return 'Must not be empty.';
    case 'uniqueItems':
      return 'Must not name the same item twice.';
    default:
      return 'Not a valid value.';
  }
}

function typeName(type: string): string {
  const names: Record<string, string> = {
    string: 'a string',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
    array: 'a list',
  };
  return names[type] ?? `of type ${type}`;
}

/** The schema that a JSON pointer of an error names, or null. */
function schemaNode(schema: TSchema, schemaPath: string): Record<string, unknown> | null {
  let node: unknown = schema;
  for (const step of schemaPath.replace(/^#\/?/, '').split('/')) {
    if (step === '') continue;
    if (typeof node !== 'object' || node === null) return null;
    node = (node as Record<string, unknown>)[step];
  }
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>) : null;
}

/** Text that PostgreSQL or a process environment can't hold, anywhere in a value; null when there is none. */
function textFaults(
  value: unknown,
  path = '',
  faults: FieldFaults | null = null,
): FieldFaults | null {
  let found = faults;
  if (typeof value === 'string') {
    if (value.includes('\0')) {
      found ??= {};
      faultAdd(found, path, 'Must not contain the character U+0000.');
    }
    if (!value.isWellFormed()) {
      found ??= {};
      faultAdd(found, path, 'Must be well-formed Unicode: it has half of a surrogate pair.');
    }
  } else if (typeof value === 'object' && value !== null && path.split('.').length < 8) {
    for (const [key, item] of Object.entries(value)) {
      found = textFaults(item, path === '' ? key : `${path}.${key}`, found);
    }
  }
  return found;
}
