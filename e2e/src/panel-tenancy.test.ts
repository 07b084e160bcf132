import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { canaryOf } from '@dollarbox/testbed/canary';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { Page } from 'playwright-core';
import { type PanelScene, headingSeen, panelSceneOpen, signIn } from './panel-scene.ts';

const PASSWORD = canaryOf('seven green bottles');

interface Answer {
  status: number;
  code: string | null;
  body: Record<string, unknown>;
}

/** What somebody may not do, and the status and error code of the reply. */
type Forbidden = readonly [
  who: string,
  page: Page,
  request: string,
  body: object | null,
  status: number,
  code: string,
];

/** Sends a request of the API as the page of a browser does, by its session. `request` is `METHOD /path`. */
async function call(page: Page, request: string, body: object | null = null): Promise<Answer> {
  const [method = '', path = ''] = request.split(' ');
  const url = path.startsWith('/api/') ? path : `/api/v1${path}`;
  const init = {
    method,
    ...(body === null
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  };
  const { status, text } = (await page.evaluate(
    `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)})
      .then(async (reply) => ({ status: reply.status, text: await reply.text() }))`,
  )) as { status: number; text: string };
  const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  const error = parsed['error'] as { code: string } | undefined;
  return { status, code: error?.code ?? null, body: parsed };
}

async function ok(page: Page, request: string, body: object | null = null) {
  const answer = await call(page, request, body);
  assert.ok(answer.status < 300, `${request}: ${JSON.stringify(answer)}`);
  return answer.body;
}

describe('an owner, an admin and a member of two orgs', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let owner: Page;
  let grace: Page;
  let bob: Page;
  let stranger: Page;
  /** Ids of memberships in both orgs, by org and address. */
  const members = new Map<string, number>();
  const told: string[] = [];

  before(async () => {
    scene = await panelSceneOpen({ ISOLATION: 'weak' });
    owner = await scene.visit();
    await signIn(owner, scene.owner);
    stranger = await scene.visit();
    await stranger.goto('/sign-in');
    await headingSeen(stranger, 'Sign in');
  });
  after(() => scene.close());
  after(() => {
    for (const line of told) process.stdout.write(`counted: ${line}\n`);
  });

  /** Invites someone by the API. @returns the link. */
  async function invite(by: Page, org: string, email: string, role: string): Promise<string> {
    const made = await ok(by, `POST /invitations/?org=${org}`, { email, role });
    return String(made['accept_url']);
  }

  /** Opens a link in a browser of its own, and makes an account. */
  async function join(link: string, name: string): Promise<Page> {
    const page = await scene.visit();
    await page.goto(link);
    await headingSeen(page, 'Join Main');
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account and join' }).click();
    await headingSeen(page, 'Main');
    return page;
  }

  async function membersLearn(by: Page, org: string): Promise<void> {
    const { results } = await ok(by, `GET /members/?org=${org}`);
    for (const { id, email } of results as { id: number; email: string }[]) {
      members.set(`${org} ${email}`, id);
    }
  }
  const member = (org: string, email: string) =>
    `/members/${members.get(`${org} ${email}`) ?? assert.fail(email)}/`;

  /** All that the orgs are, as those see it who may see all of it. */
  async function state(): Promise<unknown> {
    const views = [
      [owner, 'main'],
      [grace, 'two'],
    ] as const;
    const paths = ['members', 'invitations', 'containers', 'registries'];
    return Promise.all(
      views.map(async ([page, org]) => ({
        org: await ok(page, `GET /orgs/${org}/`),
        lists: await Promise.all(paths.map((path) => ok(page, `GET /${path}/?org=${org}`))),
      })),
    );
  }

  /** Tries each in turn. None may have an effect. */
  async function forbid(attempts: readonly Forbidden[]): Promise<void> {
    const held = await state();
    for (const [who, page, request, body, status, code] of attempts) {
      const answer = await call(page, request, body);
      const line = `${who}: ${request} ${body === null ? '' : JSON.stringify(body)}`;
      assert.deepEqual([answer.status, answer.code], [status, code], line);
      const shown = line.trim().replace(/"token":"\w+"/, '"token":"…"');
      told.push(`${shown} → ${answer.status} ${answer.code}`);
    }
    assert.deepEqual(await state(), held);
  }

  it('come by invitation, the member to a second org as well', async () => {
    const email = 'grace@example.com';
    grace = await join(await invite(owner, 'main', email, 'admin'), 'Grace');
    await ok(grace, 'POST /orgs/', { slug: 'two', name: 'Two' });
    bob = await join(await invite(grace, 'main', 'bob@example.com', 'member'), 'Bob');
    await bob.goto(await invite(grace, 'two', 'bob@example.com', 'member'));
    await headingSeen(bob, 'Join Two');
    await bob.getByRole('button', { name: 'Accept invitation' }).click();
    await headingSeen(bob, 'Two');
    await membersLearn(owner, 'main');
    await membersLearn(grace, 'two');
    assert.equal(members.size, 5);
  });

  it('can do nothing that their role does not allow, nor anything across orgs', async () => {
    const pending = await ok(owner, 'POST /invitations/?org=main', { email: 'c@example.com' });
    const invitation = `/invitations/${String(pending['id'])}/`;
    const token = new URL(String(pending['accept_url'])).searchParams.get('token');
    const ofOwner = member('main', scene.owner.email);
    const [graceHere, bobHere] = ['grace@example.com', 'bob@example.com'].map((email) =>
      member('main', email),
    );
    const denied = [403, 'permission_denied'] as const;
    const missing = [404, 'not_found'] as const;
    const signIn = [401, 'authentication_failed'] as const;
    const conflict = [409, 'conflict'] as const;
    const registry = { host: 'r.example.com', username: 'u', secret: canaryOf('x') };
    const container = { name: 'web', image: 'nginx:1.27' };
    await forbid([
      ['a member', bob, 'PATCH /orgs/main/', { name: 'Mine' }, ...denied],
      ['a member', bob, 'DELETE /orgs/main/', null, ...denied],
      ['a member', bob, `PATCH ${bobHere}?org=main`, { role: 'admin' }, ...denied],
      ['a member', bob, `PATCH ${ofOwner}?org=main`, { role: 'member' }, ...denied],
      ['a member', bob, `DELETE ${graceHere}?org=main`, null, ...denied],
      ['a member', bob, `DELETE ${ofOwner}?org=main`, null, ...denied],
      ['a member', bob, 'POST /invitations/?org=main', { email: 'd@example.com' }, ...denied],
      ['a member', bob, 'GET /invitations/?org=main', null, ...denied],
      ['a member', bob, `GET ${invitation}?org=main`, null, ...denied],
      ['a member', bob, `POST ${invitation}resend/?org=main`, null, ...denied],
      ['a member', bob, `DELETE ${invitation}?org=main`, null, ...denied],
      ['a member', bob, 'GET /audit-log/?org=main', null, ...denied],
      ['a member', bob, 'POST /registries/?org=main', registry, ...denied],
      ['a member', bob, 'POST /containers/', container, 400, 'org_required'],
      ['a member', bob, `DELETE ${graceHere}`, null, 400, 'org_required'],
      ['a member', bob, `GET ${ofOwner}?org=two`, null, ...missing],
      ['a member', bob, `PATCH ${ofOwner}?org=two`, { role: 'member' }, ...denied],

      ['an admin', grace, 'PATCH /orgs/main/', { api_enabled: false }, ...denied],
      ['an admin', grace, 'PATCH /orgs/main/', { kubectl_enabled: true }, ...denied],
      ['an admin', grace, 'DELETE /orgs/main/', null, ...denied],
      ['an admin', grace, `PATCH ${graceHere}?org=main`, { role: 'owner' }, ...denied],
      ['an admin', grace, `PATCH ${bobHere}?org=main`, { role: 'owner' }, ...denied],
      ['an admin', grace, `PATCH ${ofOwner}?org=main`, { role: 'admin' }, ...denied],
      ['an admin', grace, `DELETE ${ofOwner}?org=main`, null, ...denied],
      ['an admin', grace, `PATCH ${ofOwner}?org=two`, { role: 'admin' }, ...missing],
      ['an admin', grace, `DELETE ${bobHere}?org=two`, null, ...missing],
      ['an admin', grace, `GET ${invitation}?org=two`, null, ...missing],
      ['an admin', grace, `POST ${invitation}resend/?org=two`, null, ...missing],
      ['an admin', grace, `DELETE ${invitation}?org=two`, null, ...missing],
      [
        ...(['an admin', grace, 'POST /invitations/?org=main'] as const),
        ...([{ email: 'e@example.com', role: 'owner' }, 400, 'validation_error'] as const),
      ],
      [
        ...(['an admin', grace, 'POST /api/account/invitations/accept/'] as const),
        ...([{ token }, ...conflict] as const),
      ],

      ['the last owner', owner, `DELETE ${ofOwner}?org=main`, null, ...conflict],
      ['the last owner', owner, `PATCH ${ofOwner}?org=main`, { role: 'admin' }, ...conflict],
      ['the last owner', owner, 'DELETE /api/account/', null, ...conflict],
      ['no member', owner, 'GET /orgs/two/', null, ...missing],
      ['no member', owner, 'PATCH /orgs/two/', { name: 'Mine' }, ...missing],
      ['no member', owner, 'DELETE /orgs/two/', null, ...missing],
      ['no member', owner, 'GET /members/?org=two', null, ...missing],
      ['no member', owner, 'GET /invitations/?org=two', null, ...missing],
      ['no member', owner, 'GET /audit-log/?org=two', null, ...missing],
      ['no member', owner, 'POST /containers/?org=two', container, ...missing],
      [
        ...(['no member', owner, `DELETE ${member('two', 'bob@example.com')}?org=main`] as const),
        ...([null, ...missing] as const),
      ],

      ['nobody', stranger, 'GET /members/?org=main', null, ...signIn],
      ['nobody', stranger, 'GET /orgs/', null, ...signIn],
      ['nobody', stranger, `DELETE ${bobHere}?org=main`, null, ...signIn],
      ['nobody', stranger, 'POST /api/account/invitations/accept/', { token }, ...signIn],
    ]);
    scene.faultsNone();
  });

  it('lose an org when they are removed from it, and nothing else', async () => {
    const link = await ok(owner, 'GET /invitations/?org=main');
    assert.doesNotMatch(JSON.stringify(link), /accept_url|token=/);
    await owner.goto('/orgs/main/members');
    await headingSeen(owner, 'Members');
    await owner.getByRole('button', { name: 'Remove bob@example.com' }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    // While it is open, nothing behind it is found by its role.
    await dialog.waitFor({ state: 'hidden' });
    await owner
      .getByRole('table', { name: 'Members' })
      .getByRole('row')
      .filter({ hasText: 'bob@example.com' })
      .waitFor({ state: 'detached' });
    const missing = [404, 'not_found'] as const;
    const bobHere = member('main', 'bob@example.com');
    const ofOwner = member('main', scene.owner.email);
    const container = { name: 'web', image: 'nginx:1.27' };
    await forbid([
      ['a former member', bob, 'GET /orgs/main/', null, ...missing],
      ['a former member', bob, 'GET /members/?org=main', null, ...missing],
      ['a former member', bob, 'GET /containers/?org=main', null, ...missing],
      ['a former member', bob, 'GET /events/?org=main', null, ...missing],
      ['a former member', bob, 'POST /containers/?org=main', container, ...missing],
      ['a former member', bob, `DELETE ${bobHere}`, null, ...missing],
      ['a former member', bob, `GET ${ofOwner}`, null, ...missing],
    ]);
    await bob.goto('/orgs/main');
    await headingSeen(bob, 'Page not found');
    await ok(bob, 'GET /members/?org=two');
    await bob.goto('/orgs/two');
    await headingSeen(bob, 'Two');
    scene.faultsNone();
  });
});
