import type { Account } from '@dollarbox/client/account';

type Role = Account['orgs'][number]['role'];

/** Which roles one may give; the server decides, this is what the page offers. */
export function rolesToGive(own: Role): readonly Role[] {
  return own === 'owner' ? ['member', 'admin', 'owner'] : ['member', 'admin'];
}

/** Whether to offer a change of a member's role. */
export function mayChange(own: Role, theirs: Role): boolean {
  return own === 'owner' || (own === 'admin' && theirs !== 'owner');
}

/** Whether to offer the removal of a member. */
export function mayRemove(own: Role, theirs: Role, isSelf: boolean): boolean {
  return isSelf || mayChange(own, theirs);
}
