import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import type { FieldFaults } from '../base/errors.ts';

// Report every fault at once: TypeBox stops at eight by default.
Settings.Set({ maxErrors: 2000 });

const MAX_PATH_LENGTH = 200;
const MAX_FIELDS = 100;
const MAX_TEXT_FAULTS = 100;
/** Far more than any schema allows. */
const MAX_VALUES = 10_000;
const NOT_VALID = 'Not a valid value.';

/** The fault of a field that the schema does not have. */
export const UNKNOWN_FIELD = 'Unknown field.';

interface Validated {
  /** Every fault by path; empty if the value is valid. */
  faults: FieldFaults;
  /** The part of the value that the schema describes: the whole value if it is valid, and never large. */
  bounded: unknown;
}

type Validator = (value: unknown) => Validated;

/**
 * Compiles a schema. A schema's own `fault` keyword is the sentence for its pattern, format or range.
 */
export function validatorCompile(schema: TSchema): Validator {
  const compiled = Compile(schema);
  return (value) => {
    const walk: Walk = { faults: {}, valuesLeft: MAX_VALUES, textFaultsLeft: MAX_TEXT_FAULTS };
    const bounded = valueBound(walk, schema, value, '');
    const { faults } = walk;
    if (walk.valuesLeft < 0) {
      faultAdd(faults, '', `Must have at most ${MAX_VALUES} values.`);
      return { faults, bounded: {} };
    }
    if (compiled.Check(bounded)) return { faults, bounded };
    for (const error of compiled.Errors(bounded)) collectFault(schema, error, faults);
    // Errors that are reported by other means may use up TypeBox's limit on the number of errors.
    if (Object.keys(faults).length === 0) faultAdd(faults, '', NOT_VALID);
    return { faults, bounded };
  };
}

interface Walk {
  faults: FieldFaults;
  valuesLeft: number;
  textFaultsLeft: number;
}

/** The parts of a schema that the walk reads. */
interface SchemaNode {
  type?: unknown;
  items?: SchemaNode;
  properties?: Record<string, SchemaNode>;
  patternProperties?: Record<string, SchemaNode>;
  maxItems?: unknown;
  maxProperties?: unknown;
  fault?: unknown;
}

/**
 * A copy of a value that follows its schema. A list or an object is empty in the copy if the schema does not describe
 * it, or if it has more items or entries than allowed. The latter is reported as a fault, and so is text that can't be
 * stored. Every later check of the copy is then fast. TypeBox would first search the whole value: its search for equal
 * items takes seconds on a body that consists of nothing else, and fails on a deeply nested one.
 */
function valueBound(
  walk: Walk,
  node: SchemaNode | undefined,
  value: unknown,
  path: string,
): unknown {
  walk.valuesLeft -= 1;
  if (walk.valuesLeft < 0) return null;
  if (typeof value === 'string') textCheck(walk, value, path);
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  const empty = isList ? [] : {};
  if (node?.type !== (isList ? 'array' : 'object')) return empty;

  const keyword = isList ? 'maxItems' : 'maxProperties';
  const limit = node[keyword];
  const keys = isList ? [] : Object.keys(value);
  if (typeof limit === 'number' && (isList ? value.length : keys.length) > limit) {
    faultAdd(walk.faults, path, faultSentence(keyword, { limit }, node));
    return empty;
  }
  const under = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  if (isList) return listBound(walk, node, value, under);

  const [ofAny] = Object.values(node.patternProperties ?? {});
  if (ofAny === undefined && keys.length > MAX_FIELDS) {
    faultAdd(walk.faults, path, `Must have at most ${MAX_FIELDS} fields.`);
    keys.length = MAX_FIELDS;
  }
  const { properties = {} } = node;
  return Object.fromEntries(
    keys.map((key) => {
      const child = Object.hasOwn(properties, key) ? properties[key] : ofAny;
      return [key, valueBound(walk, child, (value as Record<string, unknown>)[key], under(key))];
    }),
  );
}

function listBound(
  walk: Walk,
  node: SchemaNode,
  list: readonly unknown[],
  under: (index: number) => string,
): unknown[] {
  const bounded: unknown[] = [];
  for (const [index, item] of list.entries()) {
    if (walk.valuesLeft < 0) break;
    bounded.push(valueBound(walk, node.items, item, under(index)));
  }
  return bounded;
}

/** Text that PostgreSQL or a process environment can't hold. */
function textCheck(walk: Walk, text: string, path: string): void {
  const isWhole = text.isWellFormed();
  const hasNul = text.includes('\0');
  if ((isWhole && !hasNul) || walk.textFaultsLeft === 0) return;
  walk.textFaultsLeft -= 1;
  if (hasNul) faultAdd(walk.faults, path, 'Must not contain the character U+0000.');
  if (!isWhole) {
    faultAdd(walk.faults, path, 'Must be well-formed Unicode: it has half of a surrogate pair.');
  }
}

export function faultAdd(faults: FieldFaults, path: string, message: string): void {
  const short = path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}…` : path;
  // `__proto__` is an ordinary name here.
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
  if (isAlternative(schema, error.schemaPath)) return;
  const path = error.instancePath.split('/').slice(1).join('.');
  const join = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const params = error.params as Record<string, unknown>;
  const node = schemaNode(schema, error.schemaPath);
  switch (error.keyword) {
    case 'boolean':
      // `additionalProperties` reports this again, with exact names.
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
  node: { fault?: unknown } | null,
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
    case 'enum':
      return `Must be one of ${(params['allowedValues'] as unknown[]).join(', ')}.`;
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

/** Whether an error is that of one alternative of a union which has a sentence for all of them. */
function isAlternative(schema: TSchema, schemaPath: string): boolean {
  const at = schemaPath.lastIndexOf('/anyOf/');
  if (at === -1) return false;
  return typeof schemaNode(schema, schemaPath.slice(0, at))?.['fault'] === 'string';
}

/** The schema that the JSON pointer of an error refers to, or null. */
function schemaNode(schema: TSchema, schemaPath: string): Record<string, unknown> | null {
  let node: unknown = schema;
  for (const step of schemaPath.replace(/^#\/?/, '').split('/')) {
    if (step === '') continue;
    if (typeof node !== 'object' || node === null) return null;
    node = (node as Record<string, unknown>)[step];
  }
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>) : null;
}
