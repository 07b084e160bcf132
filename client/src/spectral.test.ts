import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import core, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

/** Rules that say no more than a matter of taste, with why this document differs. Everything else must hold. */
const OFF = {
  // Whom to ask is up to whoever runs the installation.
  'info-contact': 'off',
  // The licence is named by its SPDX identifier, which OpenAPI 3.1 has instead of a URL.
  'license-url': 'off',
  // Tags are in the order in which one reads about them.
  'openapi-tags-alphabetical': 'off',
  // The contract's canonical form.
  'path-keys-no-trailing-slash': 'off',
  // OpenAPI 3.1 lets schemes other than OAuth 2 name roles, which the rule does not know.
  'oas3-operation-security-defined': 'off',
  // Each error has a component, and no operation here answers with some of them.
  'oas3-unused-component': 'off',
} as const;

/** Its own types disagree on whether a set has to extend another one. */
const oas = rulesets.oas as unknown as RulesetDefinition;

async function problemsOf(source: string): Promise<string[]> {
  const spectral = new core.Spectral();
  spectral.setRuleset({ extends: [[oas, 'all']], rules: OFF });
  const found = await spectral.run(source);
  return found.map(({ code, message, path }) => `${code}: ${message} ${path.join('/')}`);
}

const textOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

for (const file of ['openapi.json', 'openapi-account.json']) {
  test(`Spectral finds nothing in ${file}`, async () => {
    assert.deepEqual(await problemsOf(textOf(file)), []);
  });
}

test('Spectral finds what is wrong with a document', async () => {
  const document = JSON.parse(textOf('openapi-account.json')) as {
    info: { description?: string };
    paths: Record<string, { get: { operationId: string; responses: object } }>;
  };
  delete document.info.description;
  const [first, second] = Object.values(document.paths).filter((item) => item.get !== undefined);
  assert.ok(first && second);
  first.get.operationId = second.get.operationId;
  second.get.responses = {};
  const problems = (await problemsOf(JSON.stringify(document))).join('\n');
  for (const rule of [
    'info-description',
    'operation-operationId-unique',
    'operation-success-response',
  ]) {
    assert.match(problems, new RegExp(`^${rule}`, 'm'));
  }
});
