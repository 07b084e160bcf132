import type { Actor, OrgActor } from '../changes/actor.ts';
import { changedFields } from '../changes/changed-fields.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { DomainError, InvalidInput } from '../base/domain-error.ts';
import type { Config } from '../base/config.ts';
import { installationRead } from '../installation/store.ts';
import { objectRequire } from '../changes/policy.ts';
import { workWakeOrg } from '../reconciler/work-store.ts';
import { ipv6SubnetsFrom } from '../base/ipv6-subnet.ts';
import { SLUG_PATTERN } from './schema.ts';
import * as store from './store.ts';

type Deps = Pick<ChangeDeps, 'clock'>;

const SLUG = new RegExp(SLUG_PATTERN);

export interface OrgCreateInput {
  slug: string;
  name: string;
  ownerId: number;
  /** Whether a second org may be created although orgs are not known to be isolated from each other. */
  allowWeakIsolation: boolean;
  /** How many orgs the owner may own, this one included; not limited if absent. The owner's lock must be held. */
  ownedLimit?: number;
}

/**
 * Creates an org with its owner and its IPv6 network.
 * @returns it as its owner sees it.
 * @throws DomainError if the slug is taken or malformed, or if the engine is not known to isolate orgs from each other.
 */
export async function orgCreate(
  trx: Trx,
  actor: Actor,
  input: OrgCreateInput,
  { clock }: Deps,
): Promise<store.OrgRow> {
  if (!SLUG.test(input.slug)) {
    throw new InvalidInput({
      slug: [
        `"${input.slug}" can't be a slug: use 1 to 40 lowercase letters, digits or hyphens, starting with a letter.`,
      ],
    });
  }
  if (input.ownedLimit !== undefined) {
    await store.orgOwnRoomRequire(trx, input.ownerId, input.ownedLimit);
  }
  const at = clock.now();
  const installation = await installationRead(trx);
  if (installation.isolation !== 'isolated' && !input.allowWeakIsolation) {
    const other = await trx.selectFrom('orgs').select('id').limit(1).executeTakeFirst();
    if (other !== undefined && installation.isolation === null) {
      throw new DomainError(
        'isolation_unproven',
        'Whether the engine keeps orgs apart has not been found out yet: the server does that when it starts. Try again in some seconds.',
      );
    }
    if (other !== undefined) {
      throw new DomainError(
        'isolation_weak',
        'The engine is not known to keep orgs apart, so there can be only one: see the log of the last start for what to change, or set ISOLATION=weak to take the risk.',
      );
    }
  }
  const subnetNumber = await store.orgSlugTake(trx, input.slug);
  if (subnetNumber === null) {
    throw new DomainError(
      'slug_taken',
      `There is an org with the slug "${input.slug}" already, or there was one: choose another slug.`,
      { slug: input.slug },
    );
  }
  const prefix = installation.ipv6_routed_prefix ?? installation.ipv6_prefix;
  const row = await orgInsert(trx, input, ipv6SubnetsFrom(prefix, subnetNumber), at);
  await changeRecord(trx, actor, {
    at,
    orgId: row.id,
    action: 'org.create',
    objectKind: 'org',
    objectId: row.id,
    detail: { slug: input.slug, owner_id: input.ownerId },
  });
  return row;
}

/** What may be changed of an org. */
export interface OrgChange {
  name?: string;
  billing_email?: string;
  kubectl_enabled?: boolean;
  api_enabled?: boolean;
}

/**
 * Changes the actor's org, which the caller has locked. If nothing changes, nothing is written.
 * @param input.precondition called with the current org before anything is written; throws to refuse.
 * @throws DomainError if the actor's role does not suffice for one of the fields, or kubectl is to be turned on where the
 *   engine has none.
 */
export async function orgUpdate(
  trx: Trx,
  actor: OrgActor,
  { change, precondition }: { change: OrgChange; precondition?(row: store.OrgState): void },
  { clock, config }: Deps & { config: Pick<Config, 'engine'> },
): Promise<void> {
  objectRequire('org.update', actor, { fields: Object.keys(change) });
  const row = await store.orgState(trx, actor.org.id);
  precondition?.(row);
  const fields = (Object.keys(change) as (keyof OrgChange)[]).filter(
    (field) => change[field] !== undefined && change[field] !== row[field],
  );
  if (fields.length === 0) return;
  if (change.kubectl_enabled === true && !row.kubectl_enabled && !kubectlIsPossible(config)) {
    throw noKubectl();
  }
  await store.orgRowUpdate(trx, actor.org.id, change);
  await changeRecord(trx, actor, {
    at: clock.now(),
    orgId: actor.org.id,
    action: 'org.update',
    objectKind: 'org',
    objectId: actor.org.id,
    changes: changedFields(
      Object.fromEntries(fields.map((field) => [field, row[field]])),
      Object.fromEntries(fields.map((field) => [field, change[field]])),
    ),
  });
}

/** Whether orgs can have kubectl access. */
export function kubectlIsPossible({ engine }: Pick<Config, 'engine'>): boolean {
  return engine !== 'docker';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function noKubectl(): InvalidInput {
  return new InvalidInput({
    kubectl_enabled: [
      'kubectl needs the Kubernetes engine, and containers run on Docker here: the operator would have to set ENGINE=kubernetes.',
    ],
  });
}

/**
 * Suspends the actor's org, which the caller has locked: its containers end, and keep what they are and have. It can
 * then be read, and things deleted from it. Does nothing if it is suspended already.
 * @returns whether it was active.
 */
export async function orgSuspend(trx: Trx, actor: OrgActor, { clock }: Deps): Promise<boolean> {
  const at = clock.now();
  if (!(await store.orgStatusSet(trx, actor.org.id, 'suspended'))) return false;
  await workWakeOrg(trx, actor.org.id, at);
  await orgStatusRecord(trx, actor, 'org.suspend', at);
  return true;
}

/**
 * Ends the suspension of the actor's org, which the caller has locked: what ran comes back. Does nothing if it is
 * active.
 * @returns whether it was suspended.
 */
export async function orgResume(trx: Trx, actor: OrgActor, { clock }: Deps): Promise<boolean> {
  const at = clock.now();
  if (!(await store.orgStatusSet(trx, actor.org.id, 'active'))) return false;
  await store.orgContainersBegin(trx, actor.org.id, at);
  await workWakeOrg(trx, actor.org.id, at);
  await orgStatusRecord(trx, actor, 'org.resume', at);
  return true;
}

function orgStatusRecord(
  trx: Trx,
  actor: OrgActor,
  action: 'org.suspend' | 'org.resume',
  at: Date,
): Promise<void> {
  const { id } = actor.org;
  return changeRecord(trx, actor, { at, orgId: id, action, objectKind: 'org', objectId: id });
}

/**
 * Deletes the actor's org, which the caller has locked together with the right of its members to write. Its slug is
 * never given out again.
 * @throws DomainError while it has containers or volumes, or any that are still being removed.
 */
export async function orgDelete(
  trx: Trx,
  actor: OrgActor,
  { precondition }: { precondition?(row: store.OrgState): void },
  { clock }: Deps,
): Promise<void> {
  const { id: orgId, slug } = actor.org;
  const row = await store.orgState(trx, orgId, true);
  precondition?.(row);
  const { containers, volumes, leaving } = await store.orgContents(trx, orgId);
  if (containers > 0 || volumes > 0) {
    throw new DomainError(
      'org_not_empty',
      `This org has ${counted(containers, 'container')} and ${counted(volumes, 'volume')}: delete them first.`,
      { containers, volumes },
    );
  }
  if (leaving > 0) {
    throw new DomainError(
      'busy',
      'Containers or volumes of this org are still being removed: try again in a moment.',
      { leaving },
    );
  }
  await store.orgRowsDelete(trx, [orgId]);
  await changeRecord(trx, actor, {
    at: clock.now(),
    orgId,
    action: 'org.delete',
    objectKind: 'org',
    objectId: orgId,
    detail: { slug },
  });
}

/** The limits of an org's plan. */
export interface OrgLimits {
  container_limit?: number;
  volume_gb_limit?: number;
  /** How many more deleted objects than its plan allows may be on the engine still, of containers and of volumes. */
  removal_limit?: number;
}

/** Changes limits of an org that the caller has locked. Objects that exceed a lowered limit are kept. */
export async function orgLimitsUpdate(
  trx: Trx,
  actor: Actor,
  { orgId, limits }: { orgId: number; limits: OrgLimits },
  { clock }: Deps,
) {
  const now = await trx
    .updateTable('orgs')
    .set(limits)
    .where('id', '=', orgId)
    .returning(['container_limit', 'container_count', 'volume_gb_limit', 'volume_gb_count'])
    .executeTakeFirstOrThrow();
  await changeRecord(trx, actor, {
    at: clock.now(),
    orgId,
    action: 'org.limits',
    objectKind: 'org',
    objectId: orgId,
    detail: { ...limits },
  });
  return now;
}

/** Inserts the org with the first of these IPv6 networks that no other org has. */
async function orgInsert(
  trx: Trx,
  input: OrgCreateInput,
  subnets: Iterable<string>,
  at: Date,
): Promise<store.OrgRow> {
  for (const subnet of subnets) {
    const row = await store.orgRowInsert(trx, input, subnet, at);
    if (row !== null) return row;
  }
  throw new Error('unreachable: the networks end with an error');
}
