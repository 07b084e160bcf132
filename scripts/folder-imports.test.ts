import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { forbiddenImports, importRefusal, importsRead } from './folder-imports.ts';
import { LEVELS } from './folders.ts';

describe('the tables', () => {
  it('forbid no import of this project', () => {
    assert.deepEqual(forbiddenImports(dirname(import.meta.dirname)), []);
  });

  it('name each folder once', () => {
    for (const levels of Object.values(LEVELS)) {
      assert.deepEqual(levels.flat(), [...new Set(levels.flat())]);
    }
  });
});

describe('a forbidden import', () => {
  it('is found in the files of a project', (t) => {
    const project = mkdtempSync(join(tmpdir(), 'folders-test-'));
    t.after(() => rmSync(project, { recursive: true }));
    const fileWrite = (path: string, text: string): void => {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    };
    fileWrite('server/src/http/api.ts', "import { dbOpen } from '../db/open.ts';\n");
    fileWrite('server/src/db/open.ts', "import type { Api } from '../http/api.ts';\n");
    fileWrite('server/src/db/open.test.ts', "import { apiCreate } from '../http/api.ts';\n");
    fileWrite('panel/src/page.tsx', "export const page = <b>{import('@dollarbox/server')}</b>;\n");
    fileWrite('panel/node_modules/x/x.ts', "import '../../../server/src/db/open.ts';\n");
    assert.deepEqual(forbiddenImports(project), [
      'panel/src/page.tsx imports server/: it may not import server',
      'server/src/db/open.ts imports server/src/http/api.ts: db may not import http',
    ]);
  });

  it('goes up, or sideways', () => {
    const isForbidden = (from: string, to: string) => importRefusal({ from, to }) !== null;
    assert.ok(!isForbidden('server/src/app.ts', 'server/src/http/api.ts'));
    assert.ok(isForbidden('server/src/http/api.ts', 'server/src/app.ts'));
    assert.ok(isForbidden('server/src/accounts/a.ts', 'server/src/containers/b.ts'));
    assert.ok(!isForbidden('server/src/accounts/routes/a.ts', 'server/src/accounts/b.ts'));
    assert.ok(isForbidden('server/src/accounts/b.ts', 'server/src/accounts/routes/a.ts'));
    assert.ok(!isForbidden('server/src/accounts/routes/a.ts', 'server/src/accounts/routes/b.ts'));
  });

  it('names a folder that the table lacks', () => {
    assert.match(
      importRefusal({ from: 'server/src/new/a.ts', to: 'server/src/base/b.ts' }) ?? '',
      /^server\/src\/new\/a\.ts is in no folder/,
    );
  });

  it('is of what only tests use', () => {
    const to = 'server/test/support/harness.ts';
    assert.notEqual(importRefusal({ from: 'server/src/app.ts', to }), null);
    assert.equal(importRefusal({ from: 'server/src/app.test.ts', to }), null);
    assert.notEqual(importRefusal({ from: 'server/src/app.ts', to: 'testbed/' }), null);
    assert.equal(importRefusal({ from: 'server/src/app.test.ts', to: 'testbed/' }), null);
    assert.notEqual(importRefusal({ from: 'server/src/app.test.ts', to: 'e2e/' }), null);
  });
});

it('every form of import is read', () => {
  const text = `
    import './a.ts';
    import type { B } from './b.ts';
    import { c } from '../c.ts';
    export { d } from './d/d.ts';
    export * from './e.ts';
    const f = await import('./f.ts');
    import pg from 'pg';
    import { x } from '@dollarbox/engines/contract';
    // import './comment.ts';
  `;
  assert.deepEqual(
    importsRead('server/src/x.ts', text)
      .map(({ to }) => to)
      .toSorted(),
    [
      'engines/',
      'server/c.ts',
      'server/src/a.ts',
      'server/src/b.ts',
      'server/src/d/d.ts',
      'server/src/e.ts',
      'server/src/f.ts',
    ],
  );
});
