import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import { OperatorError } from '../base/errors.ts';
import { installationRead } from '../installation/store.ts';
import { OPERATOR, operatorIn } from '../changes/actor.ts';
import { memberUserIds } from '../members/store.ts';
import {
  orgCreate,
  orgDelete,
  orgLimitsUpdate,
  orgResume,
  orgSuspend,
  orgUpdate,
} from '../orgs/operations.ts';
import { orgLock } from '../orgs/store.ts';
import { addressRequire } from '../users/store.ts';
import { usersWritesEnd } from '../users/write-lock.ts';
import type { Command } from './command.ts';
import { orgFind, userFindEnabled } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { choiceOf, limitOf, nameOf, valueOf } from './values.ts';

/** A Docker network of ours, a /26, has 61 addresses for containers; one stays free. */
const DOCKER_CONTAINERS_MAX = 60;

/** The probe takes some ten seconds. */
const ISOLATION_WAIT_MS = 60_000;
const ISOLATION_LOOK_EVERY_MS = 250;

const LOCAL_IMAGES_NOTICE =
  "There is a second org now, so from now on an org's new containers and changes use an image on the engine only if the org's own pull obtained it. To let every org use images that you built or pulled yourself, name them in ALLOWED_LOCAL_IMAGES and restart the server.";

const orgCreateCommand: Command = {
  name: 'org-create',
  summary: 'Make an org',
  details:
    'A second org needs an engine that is known to keep orgs apart, which the server finds out at its start.\nISOLATION=weak takes the risk.\nFrom the second org on, an org uses an image on the engine only if its own pull obtained it or\nALLOWED_LOCAL_IMAGES names it.',
  options: {
    slug: { value: 'slug', description: 'DNS label of at most 40 characters', required: true },
    name: { value: 'text', description: 'what people call it', required: true },
    owner: { value: 'address', description: 'e-mail address of its first owner', required: true },
  },
  async run({ trx, clock, config, waiting }, values) {
    const owner = await userFindEnabled(trx, valueOf(values, 'owner'));
    const slug = valueOf(values, 'slug');
    const name = nameOf(values, 'name');
    const allowWeakIsolation = config.isolation === 'weak';
    if (!allowWeakIsolation) await isolationAwait(trx, waiting);
    const input = { slug, name, ownerId: owner.id, allowWeakIsolation };
    const { id } = await orgCreate(trx, OPERATOR, input, { clock });
    const isSecond = (await trx.selectFrom('orgs').select('id').limit(3).execute()).length === 2;
    const isAnnounced = isSecond && config.allowedLocalImages === null;
    return {
      data: { id, slug, name, owner: owner.email },
      text: `Made the org ${slug} (id ${id}), owned by ${owner.email}.`,
      ...(isAnnounced && { talk: LOCAL_IMAGES_NOTICE }),
    };
  },
};

/** A server that has just been started for the first time is still finding out whether the engine keeps orgs apart. */
async function isolationAwait(trx: Trx, waiting: (text: string) => void): Promise<void> {
  const end = performance.now() + ISOLATION_WAIT_MS;
  let isSaid = false;
  while (performance.now() < end) {
    const { isolation } = await installationRead(trx);
    const other = await trx.selectFrom('orgs').select('id').limit(1).executeTakeFirst();
    if (isolation !== null || other === undefined) return;
    if (!isSaid)
      waiting('Waiting until the server has found out whether the engine keeps orgs apart …');
    isSaid = true;
    await delay(ISOLATION_LOOK_EVERY_MS);
  }
}

const orgLimitsCommand: Command = {
  name: 'org-limits',
  summary: "Change an org's limits",
  details: `What exceeds a lowered limit stays; nothing more can be made.
On Docker an org's network has room for ${DOCKER_CONTAINERS_MAX} containers.`,
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    containers: { value: 'count', description: 'how many containers it may have' },
    'volume-gb': { value: 'GB', description: 'how large its volumes may be together' },
    removals: {
      value: 'count',
      description:
        'how many more that are deleted may still be on the engine before it can create others (20)',
    },
  },
  oneOf: ['containers', 'volume-gb', 'removals'],
  async run({ trx, clock, config }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const containers = limitOf(values, 'containers');
    if (config.engine === 'docker' && (containers ?? 0) > DOCKER_CONTAINERS_MAX) {
      throw new OperatorError(
        `On Docker an org can have at most ${DOCKER_CONTAINERS_MAX} containers, as many as its network has room for: give --containers ${DOCKER_CONTAINERS_MAX} or less, and make another org for more.`,
      );
    }
    const volumeGb = limitOf(values, 'volume-gb');
    const removals = limitOf(values, 'removals');
    const limits = {
      ...(containers === null ? {} : { container_limit: containers }),
      ...(volumeGb === null ? {} : { volume_gb_limit: volumeGb }),
      ...(removals === null ? {} : { removal_limit: removals }),
    };
    await orgLock(trx, org.id);
    const now = await orgLimitsUpdate(trx, OPERATOR, { orgId: org.id, limits }, { clock });
    return {
      data: { slug: org.slug, ...now },
      text: `The org ${org.slug} has ${now.container_count} of ${now.container_limit} containers and ${now.volume_gb_count} of ${now.volume_gb_limit} GB of volumes.`,
    };
  },
};

const SWITCH = ['on', 'off'] as const;

const orgUpdateCommand: Command = {
  name: 'org-update',
  summary: 'Change an org',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    name: { value: 'text', description: 'what people call it' },
    'billing-email': { value: 'address', description: 'where bills go, or none' },
    api: { value: 'on|off', description: 'whether tokens may use the API for it' },
    kubectl: { value: 'on|off', description: 'whether kubectl credentials can be made' },
  },
  oneOf: ['name', 'billing-email', 'api', 'kubectl'],
  async run({ trx, clock, config }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const billingEmail = values['billing-email'];
    const isNone = billingEmail === 'none';
    if (billingEmail !== undefined && !isNone) addressRequire(billingEmail);
    const change = {
      ...(values['name'] === undefined ? {} : { name: nameOf(values, 'name') }),
      ...(billingEmail === undefined ? {} : { billing_email: isNone ? '' : billingEmail }),
      ...(values['api'] === undefined
        ? {}
        : { api_enabled: choiceOf(values, 'api', SWITCH) === 'on' }),
      ...(values['kubectl'] === undefined
        ? {}
        : { kubectl_enabled: choiceOf(values, 'kubectl', SWITCH) === 'on' }),
    };
    await orgLock(trx, org.id);
    if (change.api_enabled === false) await writesEnd(trx, org.id);
    await orgUpdate(trx, operatorIn(org), { change }, { clock, config });
    return { data: { slug: org.slug, ...change }, text: `Changed the org ${org.slug}.` };
  },
};

/** What members are writing is committed before the org changes, or sees the change. */
async function writesEnd(trx: Trx, orgId: number): Promise<void> {
  await usersWritesEnd(trx, await memberUserIds(trx, orgId));
}

const orgDeleteCommand: Command = {
  name: 'org-delete',
  summary: 'Delete an org that holds nothing',
  details:
    'Refused while it has containers or volumes. Its members lose it at once; its slug is never given out again.',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
  },
  async run({ trx, clock }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    await orgLock(trx, org.id);
    await writesEnd(trx, org.id);
    await orgDelete(trx, operatorIn(org), {}, { clock });
    return { data: { slug: org.slug }, text: `Deleted the org ${org.slug}.` };
  },
};

const orgSuspendCommand: Command = {
  name: 'org-suspend',
  summary: 'Stop everything of an org, and refuse its changes',
  details:
    'Its containers end, and keep their volumes and addresses. Its members can still read and delete things, and leave.\nIts tokens stay valid for that; revoke them with token-revoke.',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
  },
  async run({ trx, clock }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    await orgLock(trx, org.id);
    await writesEnd(trx, org.id);
    const isNew = await orgSuspend(trx, operatorIn(org), { clock });
    return {
      data: { slug: org.slug, status: 'suspended' },
      text: isNew ? `Suspended the org ${org.slug}.` : `The org ${org.slug} is suspended already.`,
    };
  },
};

const orgResumeCommand: Command = {
  name: 'org-resume',
  summary: 'End the suspension of an org',
  details:
    'What ran when it was suspended is started again, from the same images and with the same addresses.',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
  },
  async run({ trx, clock }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    await orgLock(trx, org.id);
    const isNew = await orgResume(trx, operatorIn(org), { clock });
    return {
      data: { slug: org.slug, status: 'active' },
      text: isNew ? `Resumed the org ${org.slug}.` : `The org ${org.slug} is not suspended.`,
    };
  },
};

const orgListCommand: Command = {
  name: 'org-list',
  summary: 'List orgs',
  options: {},
  async run({ trx }) {
    const orgs = await trx
      .selectFrom('orgs as o')
      .select([
        'o.id',
        'o.slug',
        'o.name',
        'o.status',
        'o.api_enabled',
        'o.container_count',
        'o.container_limit',
        'o.volume_gb_count',
        'o.volume_gb_limit',
        'o.created_at',
        sql<string[]>`coalesce((
          select json_agg(u.email order by u.email)
          from memberships m join users u on u.id = m.user_id
          where m.org_id = o.id and m.role = 'owner'
        ), '[]'::json)`.as('owners'),
        sql<number>`(select count(*)::int from memberships m where m.org_id = o.id)`.as('members'),
      ])
      .orderBy('o.id')
      .execute();
    return {
      data: orgs,
      text: tableFormat(
        orgs,
        {
          ID: (org) => org.id,
          SLUG: (org) => org.slug,
          NAME: (org) => org.name,
          OWNERS: (org) => org.owners.join(', '),
          MEMBERS: (org) => org.members,
          CONTAINERS: (org) => `${org.container_count}/${org.container_limit}`,
          'VOLUMES GB': (org) => `${org.volume_gb_count}/${org.volume_gb_limit}`,
          STATUS: (org) => org.status,
          API: (org) => (org.api_enabled ? 'on' : 'off'),
          CREATED: (org) => timeShow(org.created_at),
        },
        'There is no org.',
      ),
    };
  },
};

export const orgCommands: readonly Command[] = [
  orgCreateCommand,
  orgUpdateCommand,
  orgLimitsCommand,
  orgSuspendCommand,
  orgResumeCommand,
  orgDeleteCommand,
  orgListCommand,
];
