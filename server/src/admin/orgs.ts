import { sql } from 'kysely';
import { OperatorError } from '../errors.ts';
import { memberAdd, orgCreate } from '../orgs/create.ts';
import type { Command } from './command.ts';
import { orgFind, roleFind, userFindEnabled } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { choiceOf, limitOf, nameOf, valueOf } from './values.ts';

/** A Docker network of ours, a /26, has 61 addresses for containers; one stays free. */
const DOCKER_CONTAINERS_MAX = 60;

const ROLES = ['owner', 'admin', 'member'] as const;

const orgCreateCommand: Command = {
  name: 'org-create',
  summary: 'Make an org',
  details:
    'A second org needs an engine that is known to keep orgs apart, which the server finds out at its start.\nISOLATION=weak takes the risk.',
  options: {
    slug: { value: 'slug', description: 'DNS label of at most 40 characters', required: true },
    name: { value: 'text', description: 'what people call it', required: true },
    owner: { value: 'address', description: 'e-mail address of its first owner', required: true },
  },
  async run({ trx, clock, config, audit }, values) {
    const owner = await userFindEnabled(trx, valueOf(values, 'owner'));
    const slug = valueOf(values, 'slug');
    const name = nameOf(values, 'name');
    const id = await orgCreate(trx, {
      slug,
      name,
      ownerId: owner.id,
      now: clock.now(),
      allowWeakIsolation: config.isolation === 'weak',
    });
    await audit({
      action: 'org.create',
      objectKind: 'org',
      objectId: id,
      orgId: id,
      detail: { slug, owner_id: owner.id },
    });
    return {
      data: { id, slug, name, owner: owner.email },
      text: `Made the org ${slug} (id ${id}), owned by ${owner.email}.`,
    };
  },
};

const orgLimitsCommand: Command = {
  name: 'org-limits',
  summary: "Change an org's limits",
  details: `What exceeds a lowered limit stays; nothing more can be made.
On Docker an org's network has room for ${DOCKER_CONTAINERS_MAX} containers.`,
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    containers: { value: 'count', description: 'how many containers it may have' },
    'volume-gb': { value: 'GB', description: 'how large its volumes may be together' },
  },
  oneOf: ['containers', 'volume-gb'],
  async run({ trx, config, audit }, values) {
    const org = await orgFind(trx, valueOf(values, 'org'));
    const containers = limitOf(values, 'containers');
    if (config.engine === 'docker' && (containers ?? 0) > DOCKER_CONTAINERS_MAX) {
      throw new OperatorError(
        `On Docker an org can have at most ${DOCKER_CONTAINERS_MAX} containers, as many as its network has room for: give --containers ${DOCKER_CONTAINERS_MAX} or less, and make another org for more.`,
      );
    }
    const volumeGb = limitOf(values, 'volume-gb');
    const changed = {
      ...(containers === null ? {} : { container_limit: containers }),
      ...(volumeGb === null ? {} : { volume_gb_limit: volumeGb }),
    };
    const now = await trx
      .updateTable('orgs')
      .set(changed)
      .where('id', '=', org.id)
      .returning(['container_limit', 'container_count', 'volume_gb_limit', 'volume_gb_count'])
      .executeTakeFirstOrThrow();
    await audit({
      action: 'org.limits',
      objectKind: 'org',
      objectId: org.id,
      orgId: org.id,
      detail: changed,
    });
    return {
      data: { slug: org.slug, ...now },
      text: `The org ${org.slug} has ${now.container_count} of ${now.container_limit} containers and ${now.volume_gb_count} of ${now.volume_gb_limit} GB of volumes.`,
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
          API: (org) => (org.api_enabled ? 'on' : 'off'),
          CREATED: (org) => timeShow(org.created_at),
        },
        'There is no org.',
      ),
    };
  },
};

const memberAddCommand: Command = {
  name: 'member-add',
  summary: 'Add an account to an org',
  options: {
    org: { value: 'slug', description: "the org's slug", required: true },
    user: { value: 'address', description: "the account's e-mail address", required: true },
    role: { value: 'role', description: ROLES.join(', '), required: true },
  },
  async run({ trx, clock, audit }, values) {
    const role = choiceOf(values, 'role', ROLES);
    const org = await orgFind(trx, valueOf(values, 'org'));
    const user = await userFindEnabled(trx, valueOf(values, 'user'));
    const present = await roleFind(trx, org.id, user.id);
    if (present !== null) {
      throw new OperatorError(`${user.email} is in the org ${org.slug} already, as ${present}.`);
    }
    await memberAdd(trx, org.id, user.id, role, clock.now());
    const { id } = await trx
      .selectFrom('memberships')
      .select('id')
      .where('org_id', '=', org.id)
      .where('user_id', '=', user.id)
      .executeTakeFirstOrThrow();
    await audit({
      action: 'member.add',
      objectKind: 'membership',
      objectId: id,
      orgId: org.id,
      detail: { user_id: user.id, role },
    });
    return {
      data: { id, org: org.slug, email: user.email, role },
      text: `${user.email} is in the org ${org.slug} now, as ${role}.`,
    };
  },
};

export const orgCommands: readonly Command[] = [
  orgCreateCommand,
  orgLimitsCommand,
  orgListCommand,
  memberAddCommand,
];
