import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../base/errors.ts';
import { DomainError } from '../base/domain-error.ts';
import type { Role } from '../db/types.ts';
import { orgsPermitted } from '../http/permission.ts';
import { orgsResolve } from '../http/org.ts';
import type { Principal } from '../http/principal.ts';
import type { Membership } from '../tokens/store.ts';
import { property } from '../../test/support/properties.ts';
import { type Action, POLICY, ROLE_RANK, objectRequire, roleAllows, ruleOf } from './policy.ts';

const ROLES: readonly Role[] = ['member', 'admin', 'owner'];
const role = fc.constantFrom(...ROLES);
const action = fc.constantFrom(...(Object.keys(POLICY) as Action[]));

/** The role that a check names as the least that suffices; null if it lets the caller pass. */
function roleRequired(check: () => void): unknown {
  try {
    check();
    return null;
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
    assert.equal(error.reason, 'not_permitted');
    return error.detail['required_role'];
  }
}

/** What the rule asks of a caller with each role must be the same role, and must be what a caller needs. */
function assertLeast(check: (caller: Role | null) => void, least: Role): void {
  assert.equal(
    roleRequired(() => check(null)),
    null,
    'the operator may do everything',
  );
  for (const caller of ROLES) {
    const named = roleRequired(() => check(caller));
    assert.equal(named, ROLE_RANK[caller] >= ROLE_RANK[least] ? null : least, caller);
  }
}

describe('the policy, for any caller and object', () => {
  it('lets a higher role do whatever a lower one may', () => {
    property(fc.tuple(action, role, role), ([each, one, two]) => {
      const [low, high] = ROLE_RANK[one] <= ROLE_RANK[two] ? [one, two] : [two, one];
      const { role: required } = ruleOf(each);
      if (required !== null && roleAllows(low, required)) assert.ok(roleAllows(high, required));
    });
  });

  it('lets only owners make or change an owner', () => {
    property(fc.record({ role, becomes: role }), (target) => {
      const isOwners = target.role === 'owner' || target.becomes === 'owner';
      assertLeast(
        (caller) => objectRequire('member.update', { role: caller }, target),
        isOwners ? 'owner' : 'member',
      );
    });
  });

  it('lets anyone leave, admins remove others, and owners remove owners', () => {
    property(fc.record({ isSelf: fc.boolean(), role }), (target) => {
      const least = target.isSelf ? 'member' : target.role === 'owner' ? 'owner' : 'admin';
      assertLeast((caller) => objectRequire('member.delete', { role: caller }, target), least);
    });
  });

  it('leaves the switches of an org to owners, whatever else changes', () => {
    const field = fc.oneof(
      fc.constantFrom('name', 'billing_email', 'kubectl_enabled', 'api_enabled'),
      fc.string(),
    );
    property(fc.record({ fields: fc.array(field) }), (target) => {
      const isSwitch = target.fields.some((each) => /^(kubectl|api)_enabled$/.test(each));
      assertLeast(
        (caller) => objectRequire('org.update', { role: caller }, target),
        isSwitch ? 'owner' : 'member',
      );
    });
  });
});

const membership = fc.record({
  orgId: fc.nat(),
  slug: fc.stringMatching(/^[a-d]$/),
  role,
  apiEnabled: fc.boolean(),
  isSuspended: fc.boolean(),
});
const memberships = fc.uniqueArray(membership, { selector: ({ slug }) => slug, maxLength: 4 });

describe('the orgs of a request, for any memberships', () => {
  const caller = fc.record({
    memberships,
    credential: fc.constantFrom('token', 'restricted token', 'session'),
    mode: fc.constantFrom('read', 'write', 'path', 'none'),
    named: fc.array(fc.stringMatching(/^[a-f]$/), { maxLength: 2 }),
  });

  it('are never another’s, nor closed to the caller, and a write has exactly one', () => {
    property(
      caller,
      ({ memberships: all, credential, mode, named }) => {
        const isSession = credential === 'session';
        const isRestricted = credential === 'restricted token';
        const own = isRestricted ? all.slice(0, 1) : all;
        const principal = principalOf(own, isSession, isRestricted);
        const found = resolved(principal, mode, named);
        if (found instanceof ApiError) {
          assert.ok(found.status < 500);
          // A refusal names no org that the caller is not in.
          const { orgs = [] } = found.detail as { orgs?: string[] };
          for (const slug of orgs) assert.ok(own.some((each) => each.slug === slug));
          return;
        }
        for (const org of found) {
          assert.ok(own.includes(org));
          assert.ok(org.apiEnabled || isSession);
        }
        if (mode === 'write' || mode === 'path') assert.equal(found.length, 1);
        if (mode === 'none') assert.deepEqual(found, []);
        const isNamed = mode === 'path' || (mode !== 'none' && !isRestricted);
        if (isNamed && named.length > 0) {
          for (const org of found) assert.equal(org.slug, named[0]);
        }
      },
      2000,
    );
  });

  it('are those in which the role suffices, in the same order, or the one is refused', () => {
    property(fc.tuple(memberships, fc.option(role)), ([orgs, required]) => {
      const allowed = orgs.filter(
        (org) => required === null || ROLE_RANK[org.role] >= ROLE_RANK[required],
      );
      if (orgs.length === 1 && allowed.length === 0) {
        assert.throws(() => orgsPermitted(orgs, required), ApiError);
      } else {
        assert.deepEqual(orgsPermitted(orgs, required), allowed);
      }
    });
  });
});

function principalOf(
  own: readonly Membership[],
  isSession: boolean,
  isRestricted: boolean,
): Principal {
  return {
    ...{ userId: 1, scope: 'write', provenAt: null, memberships: own },
    tokenId: isSession ? null : 1,
    sessionId: isSession ? 1 : null,
    tokenOrgId: isRestricted ? (own[0]?.orgId ?? 1) : null,
  };
}

function resolved(
  principal: Principal,
  mode: Parameters<typeof orgsResolve>[1],
  named: readonly string[],
): readonly Membership[] | ApiError {
  try {
    return orgsResolve(principal, mode, named);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}
