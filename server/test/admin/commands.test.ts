import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Container } from '../../src/containers/schema.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type AdminReply, adminOn } from '../../src/admin/test-setup.ts';

let harness: Harness;
let admin: ReturnType<typeof adminOn>;

before(async () => {
  harness = await harnessOpen();
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  admin = adminOn(harness.databaseUrl);
});
after(() => harness.close());

let serial = 0;

/** Runs a command that must succeed. */
async function done(args: string[], typed?: string): Promise<AdminReply> {
  const reply = await admin(args, typed);
  assert.equal(reply.code, 0, reply.err);
  return reply;
}

async function doneJson<T>(args: string[], typed?: string): Promise<T> {
  const { out } = await done([...args, '--json'], typed);
  return JSON.parse(out) as T;
}

/** Runs a command that must be refused with a sentence and leave the tables unchanged. */
async function refused(args: string[], sentence: RegExp, typed?: string): Promise<void> {
  const held = await rowsCount();
  const reply = await admin(args, typed);
  assert.match(reply.err, sentence);
  assert.match(reply.err, /^dollarbox-admin: [^\n]+[.?]\n$/);
  assert.equal(reply.code, 1);
  assert.equal(reply.out, '');
  assert.deepEqual(await rowsCount(), held);
}

async function rowsCount() {
  const count = async (table: 'users' | 'orgs' | 'memberships' | 'tokens' | 'audit_log') =>
    (await harness.db.selectFrom(table).selectAll().execute()).length;
  return {
    users: await count('users'),
    orgs: await count('orgs'),
    memberships: await count('memberships'),
    tokens: await count('tokens'),
    audit: await count('audit_log'),
  };
}

const PASSWORD = 'correct horse battery';

async function userMake(): Promise<string> {
  const email = `Someone${(serial += 1)}@Example.org`;
  await done(['user-create', '--email', email, '--password', PASSWORD]);
  return email;
}

async function orgMake(owner: string): Promise<string> {
  const slug = `org${(serial += 1)}`;
  await done(['org-create', '--slug', slug, '--name', 'An Org', '--owner', owner]);
  return slug;
}

/** The newest audit row. */
async function auditLast() {
  return harness.db
    .selectFrom('audit_log')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

test('the whole way: account, org, token, container', async () => {
  const email = await userMake();
  const slug = await orgMake(email);
  const made = await doneJson<{ token: string; public_id: string; org: string | null }>([
    'token-create',
    '--user',
    email.toLowerCase(),
    '--name',
    'deploy',
    '--scope',
    'write',
    '--org',
    slug,
  ]);
  assert.equal(made.org, slug);
  assert.equal(made.token.slice(4, 16), made.public_id);
  const api = harness.client(made.token);
  const reply = await api.post('/containers/', { name: 'web', image: 'nginx:1.27' });
  assert.equal(reply.status, 201, reply.text);
  assert.equal((reply.body as Container).org, slug);
});

test('a token is printed alone, so that a shell can read it', async () => {
  const email = await userMake();
  const { out, err } = await done([
    'token-create',
    '--user',
    email,
    '--name',
    'x',
    '--scope',
    'read',
  ]);
  assert.match(out, /^dbx_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}\n$/);
  assert.match(err, /^Made a read token for Someone.*only this once\.\n$/);
  const api = harness.client(out.trim());
  assert.equal((await api.get('/orgs/')).status, 200);
  assert.equal((await api.post('/containers/', { name: 'web', image: 'a' })).status, 400);
});

test('a token expires at the given time', async () => {
  const email = await userMake();
  const before = Date.now();
  const made = await doneJson<{ expires_at: string }>([
    'token-create',
    '--user',
    email,
    '--name',
    'x',
    '--scope',
    'read',
    '--expires',
    '30d',
  ]);
  const days = (Date.parse(made.expires_at) - before) / 86_400_000;
  assert.ok(days >= 30 && days < 30.01, String(days));
});

test('a token that could not be used is refused', async () => {
  const email = await userMake();
  const slug = await orgMake(await userMake());
  const create = (...more: string[]) => [
    'token-create',
    '--user',
    email,
    '--name',
    'x',
    '--scope',
    'write',
    ...more,
  ];
  await refused(create('--org', slug), /is not in the org .*: add them first/);
  await refused(create('--org', 'nowhere'), /There is no org "nowhere"/);
  await refused(create('--expires', '2020-01-01T00:00:00Z'), /not in the future/);
  await refused(create('--expires', 'soon'), /is no time/);
  await refused(
    ['token-create', '--user', email, '--name', 'x', '--scope', 'rw'],
    /--scope must be one of read, write, not "rw"/,
  );
  await refused(
    ['token-create', '--user', email, '--name', ' ', '--scope', 'read'],
    /--name must have 1 to 100 characters/,
  );
  await refused(
    ['token-create', '--user', 'no@where', '--name', 'x', '--scope', 'read'],
    /no account with the address no@where/,
  );
});

test('a password comes from the input, and is stored as a hash alone', async () => {
  const email = `piped${serial}@example.org`;
  const args = ['user-create', '--email', email, '--name', 'P', '--password', '-'];
  const made = await doneJson<{ id: number }>(args, PASSWORD);
  const user = await harness.db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', made.id)
    .executeTakeFirstOrThrow();
  assert.equal(user.email, email);
  assert.equal(user.name, 'P');
  assert.match(user.password_hash ?? '', /^[0-9a-f]{32}:[0-9a-f]{128}$/);
});

test('invalid accounts are refused', async () => {
  const email = await userMake();
  const create = (address: string, password: string) => [
    'user-create',
    '--email',
    address,
    '--password',
    password,
  ];
  await refused(create(email.toUpperCase(), PASSWORD), /is an account with the address/);
  for (const address of ['nobody', 'a,b@example.com', '"ada"@example.com', 'ada@[192.0.2.1]']) {
    await refused(create(address, PASSWORD), /is not an e-mail address/);
  }
  await refused(create('a@b.example', 'short'), /at least 12 characters/);
  await refused(create('a@b.example', '-'), /The password is empty/, '');
});

test('invalid orgs are refused', async () => {
  const email = await userMake();
  const slug = await orgMake(email);
  const create = (name: string, owner = email) => [
    'org-create',
    '--slug',
    name,
    '--name',
    'X',
    '--owner',
    owner,
  ];
  await refused(create(slug), /There is an org with the slug ".*" already/);
  await refused(create('Bad Slug'), /"Bad Slug" can't be a slug/);
  await refused(create('free', 'no@where'), /no account with the address/);
});

test('a second org requires isolation', async () => {
  const email = await userMake();
  const create = ['org-create', '--slug', `weak${serial}`, '--name', 'X', '--owner', email];
  for (const isolation of ['weak', 'unknown'] as const) {
    await harness.db.updateTable('installation').set({ isolation }).execute();
    await refused(create, /not known to keep orgs apart.*ISOLATION=weak/);
  }
  const risky = await adminOn(harness.databaseUrl, { ISOLATION: 'weak' })(create);
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  assert.equal(risky.code, 0, risky.err);
});

test('a second org waits until the server knows whether orgs are isolated', async () => {
  const email = await userMake();
  await harness.db.updateTable('installation').set({ isolation: null }).execute();
  const slug = `soon${serial}`;
  const creating = adminOn(harness.databaseUrl)([
    'org-create',
    ...['--slug', slug, '--name', 'X', '--owner', email],
  ]);
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity
      where application_name = 'dollarbox-admin' and datname = current_database() and query like '%from "orgs"%'`.execute(
      harness.db,
    );
    if (rows.length > 0) break;
  }
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  const made = await creating;
  assert.equal(made.code, 0, made.err);
  assert.match(made.err, /Waiting until the server has found out whether the engine keeps orgs/);
});

test('limits change one by one, and bind at once', async () => {
  const { org, api } = await harness.callerAdd();
  const limits = async (...more: string[]) =>
    doneJson<Record<string, unknown>>(['org-limits', '--org', org.slug, ...more]);
  assert.deepEqual(await limits('--containers', '1', '--volume-gb', '7'), {
    slug: org.slug,
    container_limit: 1,
    container_count: 0,
    volume_gb_limit: 7,
    volume_gb_count: 0,
  });
  assert.equal((await api.post('/containers/', { name: 'a', image: 'a' })).status, 201);
  assert.equal((await api.post('/containers/', { name: 'b', image: 'a' })).status, 403);
  assert.equal((await limits('--volume-gb', '0'))['container_limit'], 1);
  const lowered = await limits('--containers', '0');
  assert.equal(lowered['container_count'], 1);

  const change = (value: string) => ['org-limits', '--org', org.slug, `--containers=${value}`];
  for (const value of ['-1', '1.5', 'many', '99999999', '1000001']) {
    await refused(change(value), /--containers must be a whole number from 0 to 1000000/);
  }
  await refused(['org-limits', '--org', 'nowhere', '--containers', '1'], /There is no org/);

  // A Docker network has room for this many; another engine has no such limit.
  await refused(change('61'), /On Docker an org can have at most 60 containers.*--containers 60/);
  assert.equal((await limits('--volume-gb', '9'))['container_limit'], 0);
  assert.equal((await limits('--containers', '60'))['container_limit'], 60);
  const onFake = adminOn(harness.databaseUrl, { ENGINE: 'fake' });
  assert.equal((await onFake(change('61'))).code, 0);
});

test('members are added once, with a role', async () => {
  const owner = await userMake();
  const slug = await orgMake(owner);
  const email = `member${serial}@example.org`;
  await done(['user-create', '--email', email, '--password', PASSWORD]);
  const add = (user: string, role: string, org = slug) => [
    'member-add',
    '--org',
    org,
    '--user',
    user,
    '--role',
    role,
  ];
  await refused(add(email, 'boss'), /--role must be one of owner, admin, member, not "boss"/);
  await refused(add(email, 'member', 'nowhere'), /There is no org "nowhere"/);
  await refused(add('no@where', 'member'), /no account/);
  const { out } = await done(add(email, 'admin'));
  assert.equal(out, `${email} is in the org ${slug} now, as admin.\n`);
  await refused(add(email, 'member'), /is in the org .* already, as admin/);
  await done(['user-disable', '--user', email]);
  await refused(add(email, 'owner'), /The account .* is disabled/);
});

test('lists show every object, and no secret', async () => {
  const email = await userMake();
  const slug = await orgMake(email);
  const token = (
    await done([
      'token-create',
      '--user',
      email,
      '--name',
      'mine',
      '--scope',
      'read',
      '--org',
      slug,
    ])
  ).out.trim();
  const publicId = token.slice(4, 16);
  const secret = token.slice(17);
  for (const args of [
    ['token-list'],
    ['token-list', '--user', email],
    ['token-list', '--org', slug],
  ]) {
    const table = (await done(args)).out;
    assert.match(table, new RegExp(`${publicId} +${email} +mine +read +${slug} +active`));
    const json = (await done([...args, '--json'])).out;
    assert.ok(json.includes(publicId));
    assert.ok(!table.includes(secret) && !json.includes(secret) && !json.includes('hash'));
  }
  const users = await doneJson<{ email: string; memberships: unknown }[]>(['user-list']);
  assert.deepEqual(users.find((user) => user.email === email)?.memberships, [
    { org: slug, role: 'owner' },
  ]);
  assert.ok(!JSON.stringify(users).includes('password'));
  const orgs = await doneJson<{ slug: string; owners: string[] }[]>(['org-list']);
  assert.deepEqual(orgs.find((org) => org.slug === slug)?.owners, [email]);
  await done(['token-revoke', '--token', publicId]);
  assert.match((await done(['token-list', '--org', slug])).out, / revoked /);
});

test('a token is revoked by its public id, its start or the whole of it, and again', async () => {
  const email = await userMake();
  for (const part of [
    (token: string) => token,
    (token: string) => token.slice(0, 16),
    (token: string) => token.slice(4, 16),
  ]) {
    const create = ['token-create', '--user', email, '--name', 'x', '--scope', 'read'];
    const token = (await done(create)).out.trim();
    const api = harness.client(token);
    assert.equal((await api.get('/orgs/')).status, 200);
    const revoke = ['token-revoke', '--token', part(token)];
    const first = await doneJson<{ revoked_at: string }>(revoke);
    assert.equal((await api.get('/orgs/')).status, 401);
    const again = await done(revoke);
    assert.match(again.out, /was revoked already, at /);
    assert.deepEqual(await doneJson(revoke), first);
    await refused(['token-revoke', '--token', `${token.slice(0, -1)}!`], /copied whole/);
  }
  await refused(
    ['token-revoke', '--token', '000000000000'],
    /There is no token with the public id/,
  );
});

test('every change leaves one audit row, of the operator', async () => {
  const email = await userMake();
  assert.equal((await auditLast()).action, 'user.create');
  const slug = await orgMake(email);
  assert.equal((await auditLast()).action, 'org.create');
  const { org_id: orgId } = await auditLast();
  assert.ok(orgId);
  const token = (
    await done(['token-create', '--user', email, '--name', 'x', '--scope', 'read', '--org', slug])
  ).out.trim();
  const other = `other${serial}@example.org`;
  await done(['user-create', '--email', other, '--password', PASSWORD]);
  const changes: [string[], string][] = [
    [['org-limits', '--org', slug, '--containers', '3'], 'org.limits'],
    [['member-add', '--org', slug, '--user', other, '--role', 'member'], 'member.add'],
    [['token-revoke', '--token', token], 'token.revoke'],
    [['user-disable', '--user', other], 'user.disable'],
  ];
  for (const [args, action] of changes) {
    const { id } = await auditLast();
    await done(args);
    const row = await auditLast();
    assert.equal(row.id, id + 1);
    assert.equal(row.action, action);
    assert.equal(row.user_id, null);
    assert.equal(row.org_id, action === 'user.disable' ? null : orgId);
    assert.ok(!JSON.stringify(row).includes(token.slice(17)));
  }
  const { id } = await auditLast();
  await done(['user-disable', '--user', other]);
  await done(['user-list']);
  assert.equal((await auditLast()).id, id);
});

test('a wrong environment is reported before anything else', async () => {
  const broken = adminOn(harness.databaseUrl, { PORT: 'x', ENGINE: 'vm' });
  const reply = await broken(['user-list']);
  assert.equal(reply.code, 1);
  assert.match(reply.err, /PORT must be .*; ENGINE must be /);
  const away = adminOn('postgresql://nobody@127.0.0.1:1/none');
  const unreachable = await away(['user-list']);
  assert.equal(unreachable.code, 1);
  assert.match(
    unreachable.err,
    /^dollarbox-admin: The database at 127\.0\.0\.1:1\/none can't be reached/,
  );
});

test('org-update changes what is given, and org-delete deletes what holds nothing', async () => {
  const owner = await userMake();
  await done(['org-create', '--slug', 'shortlived', '--name', 'X', '--owner', owner]);
  const change = ['--name', 'Lab', '--billing-email', 'bills@lab.example', '--kubectl', 'on'];
  await refused(['org-update', '--org', 'shortlived', ...change], /Kubernetes engine/);
  const onCluster = adminOn(harness.databaseUrl, { ENGINE: 'kubernetes' });
  const changed = await onCluster(['org-update', '--org', 'shortlived', ...change]);
  assert.equal(changed.code, 0, changed.err);
  const row = await harness.db
    .selectFrom('orgs')
    .select(['name', 'billing_email', 'kubectl_enabled', 'api_enabled'])
    .where('slug', '=', 'shortlived')
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, {
    ...{ name: 'Lab', billing_email: 'bills@lab.example' },
    ...{ kubectl_enabled: true, api_enabled: true },
  });
  await done(['org-update', '--org', 'shortlived', '--billing-email', 'none', '--api', 'off']);
  await refused(['org-update', '--org', 'shortlived'], /--name/);
  await refused(['org-update', '--org', 'shortlived', '--api', 'maybe'], /on, off/);
  await refused(['org-update', '--org', 'shortlived', '--billing-email', 'x'], /e-mail/);
  await refused(['org-delete', '--org', 'nowhere'], /no org/);
  await done(['org-delete', '--org', 'shortlived']);
  const create = ['org-create', '--slug', 'shortlived', '--name', 'X', '--owner', owner];
  await refused(create, /there was one/);
});

test('members are listed, get another role and are removed, but for the last owner', async () => {
  const [owner, member] = [await userMake(), await userMake()];
  await done(['org-create', '--slug', 'team', '--name', 'Team', '--owner', owner]);
  await done(['member-add', '--org', 'team', '--user', member, '--role', 'member']);
  const of = (user: string) => ['--org', 'team', '--user', user];
  await refused(['member-update', ...of(owner), '--role', 'admin'], /last owner/);
  await refused(['member-remove', ...of(owner)], /last owner/);
  await refused(['member-update', ...of(member), '--role', 'king'], /owner, admin, member/);
  await refused(['member-remove', ...of(await userMake())], /is not in the org team/);
  await done(['member-update', ...of(member), '--role', 'owner']);
  await done(['member-remove', ...of(owner.toUpperCase())]);
  const left = await doneJson<{ email: string; role: string }[]>(['member-list', '--org', 'team']);
  assert.deepEqual(
    left.map(({ email, role }) => ({ email, role })),
    [{ email: member, role: 'owner' }],
  );
});

test('an org is suspended and resumed, with its containers', async () => {
  const email = await userMake();
  const slug = await orgMake(email);
  const api = harness.client(
    (
      await done([
        'token-create',
        ...['--user', email],
        ...['--name', 'x'],
        ...['--scope', 'write'],
      ])
    ).out.trim(),
  );
  assert.equal((await api.post('/containers/', { name: 'web', image: 'a' })).status, 201);
  await harness.db.updateTable('work').set({ due_at: null }).execute();
  const ofOrg = harness.db.selectFrom('orgs').select('id').where('slug', '=', slug);
  const isDue = async () => {
    const work = harness.db.selectFrom('work').select('due_at').where('org_id', '=', ofOrg);
    return (await work.executeTakeFirstOrThrow()).due_at !== null;
  };

  assert.match((await done(['org-suspend', '--org', slug])).out, /Suspended the org/);
  assert.equal((await auditLast()).action, 'org.suspend');
  assert.ok(await isDue());
  const held = await rowsCount();
  assert.match((await done(['org-suspend', '--org', slug])).out, /is suspended already/);
  assert.deepEqual(await rowsCount(), held);
  const listed = await doneJson<{ slug: string; status: string }[]>(['org-list']);
  assert.equal(listed.find((org) => org.slug === slug)?.status, 'suspended');
  const refusal = await api.post('/containers/', { name: 'more', image: 'a' });
  assert.deepEqual([refusal.status, refusal.body.error?.code], [403, 'permission_denied']);

  await harness.db.updateTable('work').set({ due_at: null }).execute();
  assert.match((await done(['org-resume', '--org', slug])).out, /Resumed the org/);
  assert.equal((await auditLast()).action, 'org.resume');
  assert.ok(await isDue());
  assert.match((await done(['org-resume', '--org', slug])).out, /is not suspended/);
  assert.equal((await api.post('/containers/', { name: 'more', image: 'a' })).status, 201);
  await refused(['org-suspend', '--org', 'nobody'], /nobody/);
});

test('invitations are made, listed, sent again and revoked', async () => {
  const owner = await userMake();
  await done(['org-create', '--slug', 'inviting', '--name', 'X', '--owner', owner]);
  const org = ['--org', 'inviting'];
  const who = ['--email', 'Grace@Example.invalid', '--role', 'admin'];
  const { out } = await done(['invitation-create', ...org, ...who]);
  assert.match(out, /\/invitations\/accept\?token=[0-9A-Za-z]{43}\n$/);
  await refused(['invitation-create', ...org, ...who], /has an invitation/);
  await refused(['invitation-create', ...org, '--email', 'x', '--role', 'admin'], /e-mail/);
  await refused(['invitation-create', ...org, '--email', 'a@b.c', '--role', 'owner'], /admin, mem/);
  await refused(
    ['invitation-create', ...org, '--email', owner, '--role', 'member'],
    /is a member of this org already/,
  );
  const rows = await doneJson<{ id: number; email: string }[]>(['invitation-list', ...org]);
  assert.deepEqual(
    rows.map(({ email }) => email),
    ['Grace@Example.invalid'],
  );
  const id = ['--id', String(rows[0]?.id)];
  const resent = await done(['invitation-resend', ...org, ...id]);
  assert.match(resent.out, /\/invitations\/accept\?token=[0-9A-Za-z]{43}\n$/);
  assert.notEqual(resent.out, out);
  await refused(['invitation-resend', ...org, '--id', '999999'], /Not found/);
  await refused(['invitation-revoke', ...org, '--id', 'x'], /whole number/);
  await refused(['invitation-revoke', ...org, '--id', '999999'], /Not found/);
  await done(['invitation-revoke', ...org, ...id]);
  assert.deepEqual(await doneJson(['invitation-list', ...org]), []);
});
