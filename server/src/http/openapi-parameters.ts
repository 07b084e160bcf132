import type { JsonObject } from './openapi-schemas.ts';

/** The meaning of the parts of a path. */
const PATH_PARAMETERS: Readonly<Record<string, JsonObject>> = {
  id: {
    name: 'id',
    in: 'path',
    required: true,
    description: "The object's id.",
    schema: { type: 'integer', format: 'int64', minimum: 1 },
    example: 17,
  },
  slug: {
    name: 'slug',
    in: 'path',
    required: true,
    description: "The org's slug.",
    schema: { type: 'string', pattern: '^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$' },
    example: 'acme',
  },
  public_id: {
    name: 'public_id',
    in: 'path',
    required: true,
    description: 'How the token is named in lists.',
    schema: { type: 'string', pattern: '^[0-9A-Za-z]{12}$' },
    example: '4kT9aQzX2mNb',
  },
};

/** Parameters that many operations accept, by their name among the components. */
export const SHARED_PARAMETERS = {
  OrgHeader: {
    name: 'X-Dollarbox-Org',
    in: 'header',
    description:
      'The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.',
    schema: { type: 'string' },
    example: 'acme',
  },
  OrgQuery: {
    name: 'org',
    in: 'query',
    description: 'The same as the header `X-Dollarbox-Org`; both and unequal: 400.',
    schema: { type: 'string' },
    example: 'acme',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
    example: '4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'Do it only if nobody changed the object since this `ETag`.',
    schema: { type: 'string' },
    example: '"1.4"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'Answer 304 if the object still has this `ETag`.',
    schema: { type: 'string' },
    example: '"1.4"',
  },
  PreferWait: {
    name: 'Prefer',
    in: 'header',
    description:
      '`wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.',
    schema: { type: 'string' },
    example: 'wait=30',
  },
  RequestId: {
    name: 'X-Request-Id',
    in: 'header',
    description:
      'A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.',
    schema: { type: 'string' },
    example: 'deploy-42',
  },
} as const satisfies Record<string, JsonObject>;

export type SharedParameter = keyof typeof SHARED_PARAMETERS;

export function parameterShow(name: SharedParameter): JsonObject {
  return { $ref: `#/components/parameters/${name}` };
}

/** The parameters that a path's `{…}` name. */
export function pathParametersShow(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const known = PATH_PARAMETERS[name];
    if (known === undefined) throw new Error(`the documents know no path parameter ${name}`);
    return known;
  });
}

/** The parameters of a query schema, as the documents show it. */
export function queryParametersShow(schema: JsonObject): JsonObject[] {
  const properties = schema['properties'] as Record<string, JsonObject>;
  const required = (schema['required'] ?? []) as string[];
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', examples, ...rest } = property;
    const parameter: JsonObject = { name, in: 'query', description, schema: rest };
    if (required.includes(name)) parameter['required'] = true;
    const [example] = Array.isArray(examples) ? examples : [];
    if (example !== undefined) parameter['example'] = example;
    return parameter;
  });
}
