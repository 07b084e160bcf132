import type { TSchema } from 'typebox';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** The schemas of a document, each written once. */
export interface SchemaCollector {
  /** The schema as the document shows it: a `$ref` if it has a title, which becomes its name. */
  show(schema: TSchema): JsonObject;
  /** The targets of the `$ref`s, by name. */
  components: Record<string, JsonObject>;
}

const PRIVATE_KEYWORDS = new Set(['fault', 'keyFault', 'shownAs', 'title']);

/**
 * Writes TypeBox schemas as JSON Schema 2020-12 for readers and generators: without our own keywords, with named
 * schemas in one place, and in the forms that generators support best.
 */
export function schemaCollectorCreate(): SchemaCollector {
  const components: Record<string, JsonObject> = {};

  function show(schema: TSchema): JsonObject {
    const node = schema as unknown as JsonObject;
    const { title } = node;
    if (typeof title !== 'string') return write(node);
    const written = write(node);
    const known = components[title];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(written)) {
      throw new Error(`two different schemas have the title ${title}`);
    }
    components[title] = written;
    return { $ref: `#/components/schemas/${title}` };
  }

  function write(node: JsonObject): JsonObject {
    const written: JsonObject = {};
    for (const [keyword, value] of Object.entries(node)) {
      if (!PRIVATE_KEYWORDS.has(keyword)) written[keyword] = writeKeyword(keyword, value);
    }
    if (isObject(node['shownAs'])) return shownInstead(written, node['shownAs']);
    return typesMerge(patternToNames(enumType(written)));
  }

  function writeKeyword(keyword: string, value: Json): Json {
    switch (keyword) {
      case 'properties':
      case 'patternProperties':
        if (!isObject(value)) return value;
        return Object.fromEntries(
          Object.entries(value).map(([name, item]) => [name, showJson(item)]),
        );
      case 'items':
      case 'additionalProperties':
        return showJson(value);
      case 'anyOf':
      case 'oneOf':
      case 'allOf':
        return Array.isArray(value) ? value.map(showJson) : value;
      default:
        return value;
    }
  }

  function showJson(value: Json): Json {
    return isObject(value) ? show(value as unknown as TSchema) : value;
  }

  return { show, components };
}

/** Keeps its description, and replaces its shape. */
function shownInstead(written: JsonObject, shape: JsonObject): JsonObject {
  const { description, examples } = written;
  return {
    ...shape,
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
  };
}

/** Adds the type `string` to an enumeration, which TypeBox leaves out. */
function enumType(node: JsonObject): JsonObject {
  const { enum: values, type } = node;
  if (type !== undefined || !Array.isArray(values)) return node;
  return values.every((value) => typeof value === 'string') ? { type: 'string', ...node } : node;
}

/** A record whose keys match one pattern, in the form that generators treat as a map. */
function patternToNames(node: JsonObject): JsonObject {
  const { patternProperties, additionalProperties, ...rest } = node;
  if (!isObject(patternProperties) || additionalProperties !== false) return node;
  const [only, ...more] = Object.entries(patternProperties);
  if (only === undefined || more.length > 0) return node;
  return { ...rest, propertyNames: { pattern: only[0] }, additionalProperties: only[1] };
}

/** `anyOf` of a type and null, in the short form. */
function typesMerge(node: JsonObject): JsonObject {
  const { anyOf, ...rest } = node;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return node;
  const [first, second] = anyOf;
  if (!isObject(first) || !isObject(second) || second['type'] !== 'null') return node;
  if (typeof first['type'] !== 'string') return node;
  return { ...first, type: [first['type'], 'null'], ...rest };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
