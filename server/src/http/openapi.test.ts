import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { API_ROUTES } from '../app.ts';
import { ERROR_STATUS } from '../base/errors.ts';
import { ERROR_SCHEMA } from './openapi-errors.ts';
import { type Json, type JsonObject, schemaCollectorCreate } from './openapi-schemas.ts';
import { openapiCreate } from './openapi.ts';
import { ACCOUNT_ROUTES } from '../accounts/routes/routes.ts';
import { accountOpenapiCreate } from '../accounts/openapi.ts';

const DOCUMENT = openapiCreate(API_ROUTES);

/** What a path of the document leads to. */
function at(...steps: string[]): JsonObject {
  let node: Json | undefined = DOCUMENT;
  for (const step of steps) node = (node as JsonObject | undefined)?.[step];
  assert.ok(node !== undefined, steps.join(' → '));
  return node as JsonObject;
}

test('every route has a name, a summary and a description that a stranger can read', async (t) => {
  const names = API_ROUTES.map((route) => route.operationId);
  assert.equal(new Set(names).size, names.length);
  for (const route of API_ROUTES) {
    await t.test(route.operationId, async () => {
      assert.match(
        route.operationId,
        /^[a-z][A-Za-z]+(List|Create|Read|Update|Delete|Stop|Start|Restart|Resend)$/,
      );
      assert.match(route.summary, /^[A-Z].*[^.]$/);
      assert.match(route.description, /^[A-Z].*\.$/s);
      assert.match(route.path, /^\/.*\/$/);
      assert.match(route.success.description, /^[A-Z].*\.$/);
    });
  }
});

test('every route calls an operation, or a read of the store, by its own name, but for parts of an object', async (t) => {
  for (const route of API_ROUTES) {
    if (/\}\/.*[^/]/.test(route.path)) continue;
    await t.test(route.operationId, async () => {
      const folder = route.tag.toLowerCase().replaceAll(' ', '-');
      const module = route.method === 'GET' ? 'store' : 'operations';
      const functions = (await import(`../${folder}/${module}.ts`)) as Record<string, unknown>;
      assert.equal(typeof functions[route.operationId], 'function');
      const routes = new URL(`../${folder}/routes.ts`, import.meta.url);
      assert.ok(readFileSync(routes, 'utf8').includes(`${module}.${route.operationId}(`));
    });
  }
});

test('every route is in the document, with all that it takes', () => {
  for (const route of API_ROUTES) {
    const operation = at('paths', route.path, route.method.toLowerCase());
    assert.equal(operation['operationId'], route.operationId);
    const parameters = (operation['parameters'] as JsonObject[]).map((parameter) =>
      typeof parameter['$ref'] === 'string'
        ? at(...parameter['$ref'].slice(2).split('/'))
        : parameter,
    );
    const named = (place: string) =>
      parameters.filter((parameter) => parameter['in'] === place).map(({ name }) => name);
    assert.deepEqual(
      named('path'),
      [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
    const query = (route.query as { properties?: object } | undefined)?.properties ?? {};
    const isNamedAside = route.org === 'read' || route.org === 'write';
    const orgs = isNamedAside ? ['org'] : [];
    assert.deepEqual(named('query'), [...Object.keys(query), ...orgs]);
    assert.equal(named('header').includes('X-Dollarbox-Org'), isNamedAside);
    assert.equal(named('header').includes('Idempotency-Key'), route.method === 'POST');
    assert.equal(
      named('header').includes('If-Match'),
      route.method === 'PATCH' || route.method === 'DELETE',
    );
    assert.equal(
      named('header').includes('If-None-Match'),
      route.method === 'GET' && route.success.etag === true,
    );
    assert.equal(operation['requestBody'] !== undefined, route.body !== undefined);
  }
});

test('every code of the catalogue has an example under its status', () => {
  const seen: string[] = [];
  for (const [name, response] of Object.entries(at('components', 'responses'))) {
    const { content } = response as { content?: JsonObject };
    if (content === undefined) continue;
    const { examples } = content['application/json'] as { examples: JsonObject };
    for (const [code, example] of Object.entries(examples)) {
      const { value } = example as { value: { error: { code: string } } };
      assert.equal(value.error.code, code, name);
      assert.ok(Compile(ERROR_SCHEMA as TSchema).Check(value));
      seen.push(code);
    }
  }
  assert.deepEqual(seen.toSorted(), Object.keys(ERROR_STATUS).toSorted());
});

test('every operation answers only statuses that the catalogue has for its codes', () => {
  for (const route of API_ROUTES) {
    const responses = at('paths', route.path, route.method.toLowerCase(), 'responses');
    for (const code of route.errors ?? []) {
      const response = responses[ERROR_STATUS[code]] as JsonObject;
      assert.ok(String(response['description']).includes(`\`${code}\``), route.operationId);
    }
    for (const status of ['400', '401', '413', '429', '500', '503']) {
      assert.ok(responses[status], `${route.operationId} ${status}`);
    }
  }
});

test('examples are what the schemas allow', () => {
  for (const route of API_ROUTES) {
    const { schema, example } = route.success;
    if (schema !== undefined) {
      const examples = (schema as { examples?: unknown[] }).examples ?? [];
      assert.ok(examples.length > 0 || example !== undefined, route.operationId);
      for (const shown of example === undefined ? examples : [...examples, example]) {
        assert.ok(Compile(schema).Check(shown), `${route.operationId} ${JSON.stringify(shown)}`);
      }
    }
    if (route.body !== undefined) {
      assert.ok(Compile(route.body).Check(route.example), route.operationId);
    }
  }
});

test('nothing of ours is left in the schemas', () => {
  const text = JSON.stringify([DOCUMENT['paths'], DOCUMENT['components']]);
  for (const keyword of ['fault', 'keyFault', 'shownAs', '~kind']) {
    assert.ok(!text.includes(`"${keyword}":`), keyword);
  }
  assert.ok(text.includes('"$ref":"#/components/schemas/Container"'));
});

test('every group of operations is explained', () => {
  const tags = DOCUMENT['tags'] as JsonObject[];
  assert.deepEqual(
    tags.map(({ name }) => name),
    [...new Set(API_ROUTES.map((route) => route.tag))],
  );
  for (const { description } of tags) assert.match(String(description), /^[A-Z].*\.$/s);
});

test('equal routes give an equal document, and making one changes nothing', () => {
  assert.deepEqual(openapiCreate(API_ROUTES), DOCUMENT);
});

test('schemas are written once by their title, in the forms that generators know', () => {
  const collector = schemaCollectorCreate();
  const Inner = Type.Object({ fault: Type.String({ fault: 'No.' }) }, { title: 'Inner' });
  const shown = collector.show(
    Type.Object({
      inner: Inner,
      list: Type.Array(Inner),
      word: Type.Enum(['a', 'b'], { fault: 'No.' }),
      perhaps: Type.Union([Type.String({ format: 'uri' }), Type.Null()], { description: 'Why.' }),
      map: Type.Record(Type.String({ pattern: '^x' }), Type.String(), {
        additionalProperties: false,
        keyFault: 'No.',
      }),
      count: Type.String({ shownAs: { type: 'integer' }, description: 'How many.' }),
    }),
  );
  const ref = { $ref: '#/components/schemas/Inner' };
  assert.deepEqual(shown['properties'], {
    inner: ref,
    list: { type: 'array', items: ref },
    word: { type: 'string', enum: ['a', 'b'] },
    perhaps: { type: ['string', 'null'], format: 'uri', description: 'Why.' },
    map: {
      type: 'object',
      propertyNames: { pattern: '^x' },
      additionalProperties: { type: 'string' },
    },
    count: { type: 'integer', description: 'How many.' },
  });
  assert.deepEqual(collector.components, {
    Inner: { type: 'object', required: ['fault'], properties: { fault: { type: 'string' } } },
  });
  assert.throws(() => collector.show(Type.Object({}, { title: 'Inner' })), /two different schemas/);
});

/** Every object in a document, with the path that leads to it. */
function* objectsIn(node: Json | undefined, path = ''): Generator<[string, JsonObject]> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield [path, node];
  for (const [key, child] of Object.entries(node)) yield* objectsIn(child, `${path}/${key}`);
}

test('generators of any language can read the document', () => {
  const documents = [DOCUMENT, accountOpenapiCreate(ACCOUNT_ROUTES)];
  for (const [path, { pattern, format, type }] of documents.flatMap((each) =>
    Array.from(objectsIn(each)),
  )) {
    // Go's regular expressions have no lookaround.
    if (typeof pattern === 'string') assert.ok(!/\(\?[=!<]/.test(pattern), path);
    const isLarge =
      /\/(id|[a-z]+_id|volume|container|[a-z_]+_(bytes|lines)|(observed_)?generation)$/.test(path);
    if (isLarge && JSON.stringify(type ?? '').includes('integer'))
      assert.equal(format, 'int64', path);
  }
  const code = at('components', 'schemas', 'Error', 'properties', 'error', 'properties', 'code');
  assert.equal(code['enum'], undefined, 'the list of codes may grow');
  for (const status of Object.keys(ERROR_STATUS)) {
    assert.ok(String(code['description']).includes(`\`${status}\``), status);
  }
  const cursor = at('paths', '/containers/', 'get')['parameters'] as JsonObject[];
  const { schema } = cursor.find(({ name }) => name === 'cursor') as { schema: JsonObject };
  assert.equal(typeof schema['pattern'], 'string');
  const mount = at('components', 'schemas', 'VolumeMount', 'properties', 'mount_path');
  assert.match('/var/lib/data', new RegExp(String(mount['pattern'])));
  assert.doesNotMatch('relative', new RegExp(String(mount['pattern'])));
  for (const route of API_ROUTES) {
    const responses = at('paths', route.path, route.method.toLowerCase(), 'responses');
    assert.ok(responses['405'] !== undefined, route.operationId);
    const { status } = route.success;
    const headers = at('paths', route.path, route.method.toLowerCase(), 'responses', `${status}`);
    const hasLocation = 'Location' in (headers['headers'] as JsonObject);
    assert.equal(hasLocation, status === 201, route.operationId);
  }
});
