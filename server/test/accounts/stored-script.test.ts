import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser } from '../support/browser.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { ACCOUNT, PASSWORD, bodyOf, linkTo, mailsTo } from '../support/people.ts';

/** Texts that would run as scripts, each in a different place of a page. */
const SCRIPTS = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "javascript:alert(1)//'",
  '{{constructor.constructor("alert(1)")()}}',
  '<svg/onload=alert(1)>\u2028',
];

let harness: Harness;
before(async () => {
  harness = await harnessOpen({ SIGNUP: 'open', ISOLATION: 'weak' });
});
after(() => harness.close());

/** A person whose every text is a script. */
async function malloryAdd(
  script: string,
  index: number,
): Promise<{ browser: Browser; email: string }> {
  const email = `m${index}'+onload=x@example.invalid`;
  const browser = harness.browser();
  const agent = { 'user-agent': script.replaceAll(/[^\x20-\x7e]/g, '') };
  const body = { email, password: PASSWORD, name: script, org_name: script };
  bodyOf(await browser.post(`${ACCOUNT}/sign-up/`, body, agent), 202);
  const token = await linkTo(harness, email, '/verify-email');
  bodyOf(await browser.post(`${ACCOUNT}/verify-email/`, { token }, agent));
  return { browser, email };
}

for (const [index, script] of SCRIPTS.entries()) {
  it(`a script in every text field comes back as text: ${script}`, async () => {
    const { browser, email } = await malloryAdd(script, index);
    bodyOf(await browser.patch(`${ACCOUNT}/`, { name: script }));
    bodyOf(await browser.post(`${ACCOUNT}/tokens/`, { name: script, scope: 'read' }), 201);
    const container = { name: 'web', image: 'x', env: { SCRIPT: script }, command: [script] };
    bodyOf(await browser.post('/api/v1/containers/', container), 201);
    const shown = new Map<string, string>();
    for (const path of [
      `${ACCOUNT}/`,
      `${ACCOUNT}/tokens/`,
      `${ACCOUNT}/sessions/`,
      '/api/v1/orgs/',
      '/api/v1/containers/',
    ]) {
      const reply = await browser.get(path);
      assert.equal(reply.status, 200);
      // Never an HTML page, and no browser treats it as one.
      assert.match(String(reply.headers['content-type']), /^application\/json/);
      assert.equal(reply.headers['x-content-type-options'], 'nosniff');
      assert.match(String(reply.headers['content-security-policy']), /^default-src 'none'/);
      shown.set(path, reply.text);
    }
    const account = JSON.parse(shown.get(`${ACCOUNT}/`) ?? '') as {
      name: string;
      email: string;
      orgs: { name: string; slug: string }[];
    };
    assert.deepEqual([account.name, account.email], [script, email]);
    assert.equal(account.orgs[0]?.name, script);
    assert.match(account.orgs[0]?.slug ?? '', /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
    for (const [path, text] of shown) {
      if (path.endsWith('/sessions/')) continue;
      assert.ok(text.includes(JSON.stringify(script).slice(1, -1)), path);
    }
    for (const mail of await mailsTo(harness, email)) {
      assert.ok(
        !`${mail.subject}${mail.text}`.includes('alert('),
        'a mail says what someone wrote',
      );
    }
    const qr = bodyOf<{ qr_svg: string }>(
      await browser.post(`${ACCOUNT}/two-factor/`, { password: PASSWORD }),
    );
    assert.doesNotMatch(qr.qr_svg, /alert|on\w+=|<script|href/i);
  });
}

it('no reply sends a script’s text back as a page, nor a path’s', async () => {
  const browser = harness.browser();
  for (const path of [
    '/%3Cscript%3Ealert(1)%3C/script%3E',
    '/api/v1/%3Cscript%3E/',
    '/api/account/?next=<script>alert(1)</script>',
    '/api/v1/containers/?name=<script>alert(1)</script>',
    '/sign-in?next=javascript:alert(1)',
  ]) {
    const reply = await browser.get(path);
    const isPage = String(reply.headers['content-type']).startsWith('text/html');
    assert.ok(!isPage || !reply.text.includes('alert('), path);
  }
});
