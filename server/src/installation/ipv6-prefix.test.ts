import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DomainError } from '../base/domain-error.ts';
import { type Harness, harnessOpen } from '../../test/support/harness.ts';
import { ipv6PrefixOpen } from './ipv6-prefix.ts';
import { installationRead } from './store.ts';

const FIRST = '2001:db8:40::/48';
const SHORT = '2001:db8:41:100::/56';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

/** @returns the new org's network. */
async function orgMake(): Promise<string> {
  const { id } = await harness.orgAdd();
  const { ipv6_subnet: subnet } = await harness.db
    .selectFrom('orgs')
    .select('ipv6_subnet')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return subnet;
}

/** What a start logs about its prefix. */
async function start(wanted: string | null) {
  const before = harness.logText().length;
  const prefix = await ipv6PrefixOpen(harness.db, wanted, harness.deps.log);
  return { prefix, said: harness.logText().slice(before) };
}

describe("an installation's IPv6 prefix", () => {
  it('is random and its own as long as nobody sets another', async () => {
    const { ipv6_prefix: own } = await installationRead(harness.db);
    const { prefix, said } = await start(null);
    assert.equal(prefix.closed(), '::/0');
    assert.equal(said, '');
    assert.ok((await orgMake()).startsWith(own.replace(/::\/48$/, ':')));
  });

  it("is the operator's for orgs made from then on; those outside are told and kept", async () => {
    const { ipv6_prefix: own } = await installationRead(harness.db);
    const orgs = () => harness.db.selectFrom('orgs').select(['id', 'ipv6_subnet']).execute();
    const earlier = await orgs();
    const { prefix, said } = await start(FIRST);
    assert.equal(prefix.closed(), own);
    assert.match(said, /"prefix":"2001:db8:40::\/48","was":null,"orgsOutside":1/);
    assert.match(await orgMake(), /^2001:db8:40:\w+::\/64$/);
    const now = await orgs();
    assert.deepEqual(
      now.filter(({ id }) => earlier.some((org) => org.id === id)),
      earlier,
    );
    assert.match((await start(FIRST)).said, /"level":30.*"orgsOutside":1/);
  });

  it('is changed by a start, and back, with a warning', async () => {
    const { ipv6_prefix: own } = await installationRead(harness.db);
    const changed = await start(SHORT);
    assert.match(
      changed.said,
      /"level":40.*"was":"2001:db8:40::\/48","orgsOutside":2.*another one/,
    );
    assert.match(await orgMake(), /^2001:db8:41:1\w\w::\/64$/);
    const unset = await start(null);
    assert.match(unset.said, /"level":40.*"was":"2001:db8:41:100::\/56","orgsOutside":2.*not set/);
    assert.equal(unset.prefix.closed(), '::/0');
    assert.ok((await orgMake()).startsWith(own.replace(/::\/48$/, ':')));
  });

  it('is that of the last start, for all processes', async () => {
    const { prefix } = await start(FIRST);
    await start(null);
    const before = harness.logText().length;
    await prefix.follow();
    assert.equal(prefix.closed(), '::/0');
    assert.match(harness.logText().slice(before), /"level":40.*start all with the same/);
    const told = harness.logText().length;
    await prefix.follow();
    assert.equal(harness.logText().length, told);
  });

  it('has room for as many orgs as it has networks, whatever their numbers', async () => {
    await start(SHORT);
    const inside = async () =>
      (await harness.db.selectFrom('orgs').select('ipv6_subnet').execute()).filter(
        ({ ipv6_subnet: subnet }) => /^2001:db8:41:1\w\w::\/64$/.test(subnet),
      );
    while ((await inside()).length < 255) await orgMake();
    assert.ok((await inside()).every(({ ipv6_subnet: subnet }) => !subnet.includes(':100::')));
    await assert.rejects(orgMake(), (error) => {
      assert.ok(error instanceof DomainError);
      return error.message.startsWith('The IPv6 prefix 2001:db8:41:100::/56 has room for 255 orgs');
    });
    await start(FIRST);
    assert.match(await orgMake(), /^2001:db8:40:\w+::\/64$/);
  });
});
