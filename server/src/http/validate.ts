import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import type { FieldFaults } from '../errors.ts';

// Every fault at once: TypeBox stops at eight by default.
Settings.Set({ maxErrors: 2000 });

const MAX_PATH_LENGTH = 200;
const MAX_FIELDS = 100;
const MAX_TEXT_FAULTS = 100;
/** Deeper than any schema goes. */
const MAX_TEXT_DEPTH = 8;
const NOT_VALID = 'Not a valid value.';

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
    const faults: FieldFaults = {};
    const bounded = sizeBound(schema, value, faults);
    for (const [path, sentence] of textFaults(bounded).take(MAX_TEXT_FAULTS)) {
      faultAdd(faults, path, sentence);
    }
    if (compiled.Check(bounded)) return faults;
    for (const error of compiled.Errors(bounded)) collectFault(schema, error, faults);
    // Errors that are said by others can use up the number that TypeBox tells.
    if (Object.keys(faults).length === 0) faultAdd(faults, '', NOT_VALID);
    return faults;
  };
}

/**
 * A copy in which each field that has more items or entries than it may is empty, and told as a fault.
 * TypeBox looks through all of them first, and its search for equal items takes seconds on a body that
 * is nothing else.
 */
function sizeBound(schema: TSchema, value: unknown, faults: FieldFaults): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> };
  const fields = Object.entries(value);
  if (fields.length > MAX_FIELDS) faultAdd(faults, '', `Must have at most ${MAX_FIELDS} fields.`);
  return Object.fromEntries(
    fields.slice(0, MAX_FIELDS).map(([name, item]: [string, unknown]) => {
      const node = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (typeof item !== 'object' || item === null || node === undefined) return [name, item];
      const isList = Array.isArray(item);
      const keyword = isList ? 'maxItems' : 'maxProperties';
      const limit = node[keyword];
      const size = isList ? item.length : Object.keys(item).length;
      if (typeof limit !== 'number' || size <= limit) return [name, item];
      faultAdd(faults, name, faultSentence(keyword, { limit }, node));
      return [name, isList ? [] : {}];
    }),
  );
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
      return NOT_VALID;
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

/** Text that PostgreSQL or a process environment can't hold, anywhere in a value: path and sentence. */
function* textFaults(value: unknown, path = '', depth = 0): Generator<[string, string], undefined> {
  if (typeof value === 'string') {
    if (value.includes('\0')) yield [path, 'Must not contain the character U+0000.'];
    if (!value.isWellFormed()) {
      yield [path, 'Must be well-formed Unicode: it has half of a surrogate pair.'];
    }
  } else if (typeof value === 'object' && value !== null && depth < MAX_TEXT_DEPTH) {
    for (const [key, item] of Object.entries(value)) {
      yield* textFaults(item, path === '' ? key : `${path}.${key}`, depth + 1);
    }
  }
}
