import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { API_ROUTES } from '../app.ts';
import { ApiError } from '../base/errors.ts';
import { orgsPermitted } from '../http/permission.ts';
import { POLICY, ruleOf } from './policy.ts';
import type { Membership } from '../tokens/store.ts';

describe('the policy', () => {
  it('has one row for each route, and no other', () => {
    assert.deepEqual(
      API_ROUTES.map(({ action }) => action).toSorted(),
      Object.keys(POLICY).toSorted(),
    );
  });

  it('asks for the scope write where a request changes something', () => {
    for (const { action, method } of API_ROUTES) {
      // Every token may end itself.
      if (action === 'token.revoke') continue;
      assert.equal(ruleOf(action).scope, method === 'GET' ? 'read' : 'write', action);
    }
  });

  it('asks for a role where a route acts in an org', () => {
    for (const { action, org, path } of API_ROUTES) {
      assert.equal(ruleOf(action).role === null, org === 'none', action);
      assert.equal(path.startsWith('/orgs/{slug}/'), org === 'path', action);
    }
  });
});

describe('the orgs in which a role suffices', () => {
  const org = (slug: string, role: Membership['role']): Membership => ({
    ...{ orgId: slug.codePointAt(0) ?? 0, slug, role, apiEnabled: true, isSuspended: false },
  });
  const slugs = (orgs: readonly Membership[]) => orgs.map(({ slug }) => slug);

  it('are the others where a request spans several', () => {
    const orgs = [org('a', 'member'), org('b', 'admin'), org('c', 'owner')];
    assert.deepEqual(slugs(orgsPermitted(orgs, 'member')), ['a', 'b', 'c']);
    assert.deepEqual(slugs(orgsPermitted(orgs, 'admin')), ['b', 'c']);
    assert.deepEqual(slugs(orgsPermitted(orgs, 'owner')), ['c']);
    assert.deepEqual(orgsPermitted([], 'owner'), []);
  });

  it('are refused where a request acts in one', () => {
    assert.deepEqual(slugs(orgsPermitted([org('a', 'admin')], 'admin')), ['a']);
    assert.throws(
      () => orgsPermitted([org('a', 'member')], 'admin'),
      (error: unknown) => {
        assert.ok(error instanceof ApiError && error.status === 403);
        assert.deepEqual(error.detail, { required_role: 'admin' });
        return true;
      },
    );
  });
});
