import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { ERROR_STATUS } from '../base/errors.ts';
import type { JsonObject } from '../http/openapi-schemas.ts';
import { accountOpenapiCreate } from './openapi.ts';
import { ACCOUNT_ROUTES } from './routes/routes.ts';

const DOCUMENT = accountOpenapiCreate(ACCOUNT_ROUTES);
const { paths, tags } = DOCUMENT as {
  paths: Record<string, Record<string, { responses: Record<string, JsonObject> }>>;
  tags: JsonObject[];
};

test('every route has a name, a summary and a description that a stranger can read', () => {
  const names = ACCOUNT_ROUTES.map(({ operationId }) => operationId);
  assert.equal(new Set(names).size, names.length);
  for (const route of ACCOUNT_ROUTES) {
    assert.match(route.operationId, /^[a-z][A-Za-z]+$/);
    assert.match(route.summary, /^[A-Z].*[^.]$/);
    assert.match(route.description, /^[A-Z].*\.$/s);
    assert.match(route.path, /^\/.*$/);
    assert.ok(route.path.endsWith('/'), route.path);
    assert.match(route.success.description, /^[A-Z].*\.$/);
  }
  for (const { name, description } of tags)
    assert.match(String(description), /^[A-Z].*\.$/, String(name));
});

test('every route is in the document, with the errors that it may answer', () => {
  for (const route of ACCOUNT_ROUTES) {
    const operation = paths[route.path]?.[route.method.toLowerCase()];
    assert.ok(operation, route.operationId);
    for (const code of route.errors ?? []) {
      const response: JsonObject | undefined = operation.responses[ERROR_STATUS[code]];
      assert.ok(String(response?.['description']).includes(`\`${code}\``), route.operationId);
    }
    const isOpen = route.access !== 'session';
    assert.equal(
      operation.responses['401'] === undefined,
      isOpen && route.errors?.includes('authentication_failed') !== true,
    );
    for (const status of ['400', '403', '413', '429', '500', '503']) {
      assert.ok(operation.responses[status], `${route.operationId} ${status}`);
    }
  }
});

test('examples are what the schemas allow', () => {
  for (const { operationId, body, example, success } of ACCOUNT_ROUTES) {
    if (body !== undefined) assert.ok(Compile(body).Check(example), operationId);
    if (success.schema === undefined) continue;
    const { examples = [] } = success.schema as { examples?: unknown[] };
    assert.ok(examples.length > 0, operationId);
    for (const shown of examples) assert.ok(Compile(success.schema).Check(shown), operationId);
  }
});
