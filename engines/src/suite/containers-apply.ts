/** The suite's tests of creating containers. */
import assert from 'node:assert/strict';
import { containerSpecHash, EngineError } from '../contract.ts';
import { engineTest, rejectsWith, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

const MISSING_PROGRAM = '/no/such/program';

export function containersApplyTests(context: () => SuiteContext): void {
  engineTest('apply creates and starts, and reports the result', async () => {
    const { apply, images, now, observed, reach, spec, tenant, waitFor } = context();
    const begin = now().getTime();
    const wanted = await spec(images.web, { env: { GREETING: 'hello there' } });
    const made = await apply(wanted);
    assert.match(made.ref, /./);
    assert.equal(made.id, wanted.id);
    assert.equal(made.tenantId, tenant.id);
    assert.equal(made.name, wanted.name);
    assert.equal(made.specHash, containerSpecHash(wanted));
    assert.equal(made.state, 'running');
    assert.equal(made.connected, true);
    assert.deepEqual(made.exits, { count: 0, last: null });
    assert.equal(made.startError, null);
    // The engine's clock may be another machine's.
    assert.ok(made.createdAt.getTime() >= begin - 5000);
    assert.ok(made.startedAt !== null && made.startedAt.getTime() >= begin - 5000);
    const { ipv6Address: _address, ...rest } = made;
    const { ipv6Address, ...seen } = await observed(wanted.id);
    assert.deepEqual(seen, rest);
    if (wanted.ipv6Address !== null) assert.equal(ipv6Address, wanted.ipv6Address);
    const body = await waitFor('an answer', () => reach(wanted, '/').catch(() => null));
    assert.match(body, /hello there/);
  });

  engineTest('the environment is delivered byte for byte', async () => {
    const { apply, images, reach, spec, waitFor } = context();
    const env = {
      EMPTY: '',
      SPACES: '  a  b  ',
      NEWLINES: 'one\ntwo\r\n\n',
      QUOTES: `'single' "double" \`back\` \\ \\n`,
      DOLLAR: '$HOME ${PATH} $(id) $$ $(EMPTY)',
      EQUALS: '=a=b=',
      EMOJI: 'naïve 🐳 \u200b',
      lower_case: '{"json": [1]}',
    };
    const wanted = await spec(images.web, { env });
    await apply(wanted);
    const raw = await waitFor('the environment', () =>
      reach(wanted, '/cgi-bin/environ').catch(() => null),
    );
    const seen = new Map(
      raw.split('\0').map((entry) => {
        const equals = entry.indexOf('=');
        return [entry.slice(0, equals), entry.slice(equals + 1)];
      }),
    );
    for (const [name, value] of Object.entries(env)) assert.equal(seen.get(name), value, name);
  });

  engineTest('apply of an equal spec does nothing', async () => {
    const { apply, images, later, spec } = context();
    const wanted = await spec(images.web, { env: { A: '1', B: '2' } });
    const made = await apply(wanted);
    await later();
    assert.deepEqual(await apply({ ...wanted, env: { B: '2', A: '1' } }), made);
  });

  engineTest('apply by two workers at once creates one container', async () => {
    const { apply, engine, images, spec, worker } = context();
    await engineWith(worker, async (other) => {
      for (let round = 0; round < 3; round += 1) {
        const wanted = await spec(images.web);
        const [one, two, three] = await Promise.all([
          apply(wanted),
          other.containers.apply(wanted),
          apply(wanted),
        ]);
        assert.equal(one.ref, two.ref);
        assert.equal(one.ref, three.ref);
        assert.equal(one.state, 'running');
        const listed = (await engine.containers.list()).filter(({ id }) => id === wanted.id);
        assert.equal(listed.length, 1);
      }
    });
  });

  engineTest('apply completes what a dead worker left half created', async (t) => {
    const { apply, images, observed, spec, tamper } = context();
    if (tamper.makeHalf === undefined) return t.skip('this engine creates in one step');
    const wanted = await spec(images.web);
    await tamper.makeHalf(wanted);
    const half = await observed(wanted.id);
    assert.equal(half.state, 'created');
    assert.equal(half.startedAt, null);
    assert.equal(half.exits.count, 0);
    const made = await apply(wanted);
    assert.equal(made.ref, half.ref);
    assert.equal(made.state, 'running');
  });

  engineTest('apply of another spec conflicts, and changes nothing', async () => {
    const { apply, images, observed, spec } = context();
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    for (const change of [
      { env: { A: 'b' } },
      { command: ['sleep', '1'] },
      { ports: [81] },
      { name: 'other' },
    ]) {
      await rejectsWith(apply({ ...wanted, ...change }), 'conflict', 'differs');
    }
    assert.deepEqual(await observed(wanted.id), made);
  });

  engineTest('apply without the image fails and creates nothing', async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.web, { imageId: `sha256:${'0'.repeat(64)}` });
    await rejectsWith(apply(wanted), 'not_found', 'image_missing');
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest(
    'a process that can not be started is reported with the reason, and its object stays',
    async () => {
      const { apply, engine, images, observed, spec } = context();
      const wanted = await spec(images.web, { command: [MISSING_PROGRAM] });
      if (engine.restarts === 'engine') await apply(wanted);
      else await rejectsWith(apply(wanted), 'permanent', 'start_error');
      const stays = await observed(wanted.id);
      assert.ok(stays.state === 'created' || stays.state === 'exited', stays.state);
      assert.match(stays.startError ?? '', /^.+$/);
      if (engine.restarts === 'engine') {
        // Each of its own tries counts as an exit.
        assert.ok(stays.exits.count > 0);
        await engine.containers.end(stays.ref, 0);
        return;
      }
      const message = await apply(wanted).then(
        () => assert.fail('it started'),
        (error: unknown) => (error instanceof EngineError ? error.message : assert.fail()),
      );
      assert.doesNotMatch(message, /\n/);
      assert.equal((await observed(wanted.id)).ref, stays.ref);
      await engine.containers.end(stays.ref, 0);
      assert.equal(await engine.containers.observe(wanted.id), null);
    },
  );

  engineTest(
    'one container at a time has a name: the next waits for the end of the previous one',
    async () => {
      const { apply, engine, images, observed, spec } = context();
      const before = await spec(images.web);
      const next = await spec(images.web, { name: before.name });
      const { ref } = await apply(before);
      await rejectsWith(apply(next), 'retryable', 'name_busy');
      assert.equal((await observed(before.id)).state, 'running');
      await engine.containers.end(ref, 0);
      assert.equal((await apply(next)).state, 'running');
    },
  );

  engineTest('one container at a time has an address', async (t) => {
    const { apply, engine, images, reach, spec, waitFor } = context();
    if (engine.addressing === 'assigned') return t.skip('this engine assigns addresses');
    const before = await spec(images.web, { env: { GREETING: 'before' } });
    const { ipv6Address } = before;
    const next = await spec(images.web, { ipv6Address, env: { GREETING: 'next' } });
    const { ref } = await apply(before);
    await rejectsWith(apply(next), 'retryable', 'address_in_use');
    await engine.containers.end(ref, 0);
    await apply(next);
    await waitFor('an answer of the next', async () =>
      (await reach(next, '/').catch(() => '')).includes('next'),
    );
  });

  engineTest('the address is reported, and stays with the id', async () => {
    const { addressed, apply, engine, images, reach, spec, waitFor } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    const address = await addressed(wanted.id);
    if (engine.addressing === 'given') assert.equal(address, wanted.ipv6Address);
    const [listed] = await engine.containers.list();
    assert.equal(listed?.ipv6Address, address);
    await engine.containers.end(ref, 0);
    await apply({ ...wanted, env: { VERSION: '2' } });
    assert.equal(await addressed(wanted.id), address);
    await waitFor('an answer', () =>
      reach({ ...wanted, ipv6Address: address }, '/').catch(() => null),
    );
    const other = await spec(images.web);
    await apply(other);
    assert.notEqual(await addressed(other.id), address);
  });

  engineTest('containers of another installation are neither seen nor touched', async () => {
    const { addressIn, apply, engine, images, reach, request, spec } = context();
    const { stranger, tenants, waitFor } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    const [, second] = tenants;
    await engineWith(stranger, async (foreign) => {
      assert.equal(await foreign.containers.observe(wanted.id), null);
      assert.deepEqual(await foreign.containers.list(), []);
      await foreign.tenants.ensure(second);
      const theirImage = request(images.web, { tenantId: second.id });
      await foreign.images.ensure(theirImage);
      await waitFor(
        'their image',
        async () => (await foreign.images.observe(theirImage)).state === 'present',
      );
      const theirs = {
        ...wanted,
        tenantId: second.id,
        ipv6Address: wanted.ipv6Address && addressIn(second, wanted.id),
      };
      const made = await foreign.containers.apply(theirs);
      try {
        assert.notEqual(made.ref, ref);
        assert.equal((await engine.containers.observe(wanted.id))?.ref, ref);
        assert.ok((await engine.containers.list()).every((each) => each.ref !== made.ref));
        // If we hold another installation's identity by mistake, the object is still theirs.
        await engine.containers.end(made.ref, 0).catch(() => {});
        await engine.containers.end(made.ref, 10_000).catch(() => {});
        await waitFor('theirs running', async () => {
          return (await foreign.containers.observe(wanted.id))?.state === 'running';
        });
        await waitFor('ours and theirs answering', async () => {
          const answers = [reach(wanted, '/'), reach(theirs, '/', foreign)];
          return (await Promise.allSettled(answers)).every((each) => each.status === 'fulfilled');
        });
      } finally {
        await foreign.containers.end(made.ref, 0);
        await foreign.tenants.remove(second.id);
      }
    });
  });

  engineTest('list is complete, whatever the state', async () => {
    const { apply, engine, images, inState, spec, tamper, unchanged } = context();
    const running = await spec(images.web);
    const paused = await spec(images.web);
    const exited = await spec(images.exit1);
    const broken = await spec(images.web, { command: [MISSING_PROGRAM] });
    for (const each of [running, paused, exited]) await apply(each);
    if (engine.restarts === 'engine') await apply(broken);
    else await rejectsWith(apply(broken), 'permanent', 'start_error');
    await tamper.pause?.(paused.id);
    await inState(exited.id, 'exited');
    const ids = [running, paused, exited, broken].map(({ id }) => id);
    const { listed, found } = await unchanged(ids, async (observed) => {
      // While the engine tries it again, it may be running for a moment.
      if (observed[2]?.state !== 'exited') return false;
      return { listed: await engine.containers.list(), found: observed };
    });
    const expected = found.map((each) => {
      const { ref, id, tenantId, specHash, state, connected, exits, ipv6Address } = each;
      const exitCount = engine.restarts === 'engine' ? exits.count : null;
      return { ref, id, tenantId, specHash, state, connected, exitCount, ipv6Address };
    });
    assert.deepEqual(
      listed.toSorted((a, b) => a.id - b.id),
      expected,
    );
    assert.deepEqual(
      expected.slice(0, 3).map(({ state }) => state),
      ['running', tamper.pause === undefined ? 'running' : 'paused', 'exited'],
    );
  });
}
