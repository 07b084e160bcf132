import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { Membership } from '../tokens/store.ts';
import { type OrgMode, orgsResolve } from './org.ts';
import type { Principal } from './principal.ts';

const org = (slug: string, apiEnabled = true): Membership => ({
  orgId: slug.codePointAt(0) ?? 0,
  slug,
  role: 'member',
  apiEnabled,
  isSuspended: false,
});

function caller(memberships: readonly Membership[], tokenOrgId: number | null = null): Principal {
  return {
    tokenId: 1,
    sessionId: null,
    provenAt: null,
    userId: 1,
    scope: 'write',
    tokenOrgId,
    memberships,
  };
}

/** The slugs of the resolved orgs, or the code of the refusal. */
function resolved(who: Principal, mode: OrgMode, ...named: string[]): string[] | ErrorCode {
  try {
    return orgsResolve(who, mode, named).map(({ slug }) => slug);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error.code;
  }
}

const MODES = ['read', 'write'] as const;

describe('the org of a request', () => {
  it("is the token's, whatever header and query say", () => {
    for (const mode of MODES) {
      assert.deepEqual(resolved(caller([org('a')], 97), mode), ['a']);
      assert.deepEqual(resolved(caller([org('a')], 97), mode, 'b'), ['a']);
      assert.deepEqual(resolved(caller([org('a')], 97), mode, 'b', 'c'), ['a']);
    }
  });

  it("is none when the token's user has left it", () => {
    for (const mode of MODES) assert.equal(resolved(caller([], 97), mode), 'not_found');
  });

  it('is the named one', () => {
    for (const mode of MODES) {
      assert.deepEqual(resolved(caller([org('a'), org('b')]), mode, 'b'), ['b']);
      assert.deepEqual(resolved(caller([org('a'), org('b')]), mode, 'b', 'b'), ['b']);
    }
  });

  it('must be a single one', () => {
    for (const mode of MODES) {
      assert.equal(resolved(caller([org('a'), org('b')]), mode, 'a', 'b'), 'validation_error');
      assert.equal(resolved(caller([org('a')]), mode, 'x', 'y'), 'validation_error');
    }
  });

  it('is not found when the caller is not in it', () => {
    for (const mode of MODES) {
      for (const name of ['c', '', 'A', 'constructor', '__proto__']) {
        assert.equal(resolved(caller([org('a'), org('b')]), mode, name), 'not_found', name);
        assert.equal(resolved(caller([org('a')]), mode, name), 'not_found', name);
      }
    }
  });

  it("is the caller's only one", () => {
    for (const mode of MODES) assert.deepEqual(resolved(caller([org('a')]), mode), ['a']);
  });

  it('is all of them for a read, and required for a write', () => {
    assert.deepEqual(resolved(caller([org('a'), org('b')]), 'read'), ['a', 'b']);
    assert.equal(resolved(caller([org('a'), org('b')]), 'write'), 'org_required');
    assert.deepEqual(resolved(caller([]), 'read'), []);
    assert.equal(resolved(caller([]), 'write'), 'org_required');
  });

  it('refuses tokens where the API is off', () => {
    for (const mode of MODES) {
      assert.equal(resolved(caller([org('a', false)], 97), mode), 'api_disabled');
      assert.equal(resolved(caller([org('a', false), org('b')]), mode, 'a'), 'api_disabled');
      assert.equal(resolved(caller([org('a', false)]), mode), 'api_disabled');
    }
  });

  it('is left out of a read of several where the API is off', () => {
    assert.deepEqual(resolved(caller([org('a', false), org('b'), org('c')]), 'read'), ['b', 'c']);
    // Both orgs still count: which one is meant must not depend on a switch.
    assert.deepEqual(resolved(caller([org('a', false), org('b')]), 'read'), ['b']);
    assert.equal(resolved(caller([org('a', false), org('b')]), 'write'), 'org_required');
  });

  it('is offered for a choice only where the API is on', () => {
    assert.throws(
      () => orgsResolve(caller([org('a', false), org('b'), org('c')]), 'write', []),
      (error) =>
        error instanceof ApiError &&
        assert.deepEqual(error.detail, { orgs: ['b', 'c'] }) === undefined,
    );
  });

  it('is the one of the path, whatever else is named', () => {
    assert.deepEqual(resolved(caller([org('a'), org('b')]), 'path', 'b'), ['b']);
    assert.equal(resolved(caller([org('a')]), 'path', 'b'), 'not_found');
    assert.equal(resolved(caller([org('a', false)]), 'path', 'a'), 'api_disabled');
    // A token that is restricted to an org has only that membership.
    assert.equal(resolved(caller([org('a')], 97), 'path', 'b'), 'not_found');
    assert.deepEqual(resolved(caller([org('a'), org('b')]), 'none'), []);
  });
});
