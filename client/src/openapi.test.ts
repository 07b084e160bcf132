import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const PATH = pathOf('openapi.json');

/** Structure, references, examples, and what makes a document of use to a reader. */
async function problemsOf(source: string): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // One of the servers is the reader's own.
      'no-server-example.com': 'off',
      // No operation answers 405: it says that there is none. Told for the paths as a whole.
      'no-unused-components': 'off',
      'no-invalid-media-type-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      'no-invalid-schema-examples': 'error',
      'operation-description': 'error',
      'tag-description': 'error',
      // The contract's canonical form.
      'no-path-trailing-slash': 'off',
      'no-ambiguous-paths': 'error',
    },
  });
  const problems = await lintFromString({ source, absoluteRef: PATH, config });
  return problems.map(({ ruleId, message, location }) => {
    const where = location.map(({ pointer }) => pointer ?? '').join(' ');
    return `${ruleId}: ${message} ${where}`;
  });
}

for (const file of ['openapi.json', 'openapi-account.json']) {
  test(`${file} is a valid OpenAPI 3.1 document`, async () => {
    assert.deepEqual(await problemsOf(readFileSync(pathOf(file), 'utf8')), []);
  });
}

test('the validator finds what is wrong with one', async () => {
  const document = JSON.parse(readFileSync(PATH, 'utf8')) as {
    paths: Record<string, { get: { responses: Record<string, unknown>; tags: unknown } }>;
    components: { schemas: { Container: { properties: { id: { type: string } } } } };
  };
  const list = document.paths['/containers/']?.get;
  assert.ok(list);
  list.responses['404'] = { $ref: '#/components/responses/Nowhere' };
  list.tags = 'Containers';
  document.components.schemas.Container.properties.id.type = 'string';
  const problems = (await problemsOf(JSON.stringify(document))).join('\n');
  for (const rule of ['no-unresolved-refs', 'struct', 'no-invalid-media-type-examples']) {
    assert.match(problems, new RegExp(`^${rule}`, 'm'));
  }
});
