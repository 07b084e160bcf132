/** The suite's tests of creating containers. */
import assert from 'node:assert/strict';
import { containerSpecHash, EngineError } from '../contract.ts';
import { addressIn, engineTest, rejectsWith, withEngine } from './context.ts';
import type { SuiteContext } from './context.ts';

const MISSING_PROGRAM = '/no/such/program';

export function containersApplyTests(context: () => SuiteContext): void {
  engineTest('apply creates and starts, and says what it made', async () => {
    const { apply, images, now, observed, read, spec, tenant, waitFor } = context();
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
    assert.equal(made.exitCode, null);
    assert.equal(made.outOfMemory, false);
    assert.equal(made.startError, null);
    assert.equal(made.finishedAt, null);
    // An engine's clock may be another machine's.
    assert.ok(made.startedAt !== null && made.startedAt.getTime() >= begin - 5000);
    assert.deepEqual(await observed(wanted.id), made);
    const body = await waitFor('an answer', () =>
      read(wanted.ipv6Address, 8080, '/').catch(() => null),
    );
    assert.match(body, /hello there/);
  });

  engineTest('the environment is delivered byte for byte', async () => {
    const { apply, images, read, spec, waitFor } = context();
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
      read(wanted.ipv6Address, 8080, '/cgi-bin/environ').catch(() => null),
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

  engineTest('apply by two workers at once makes one container', async () => {
    const { apply, engine, images, spec, tenant, worker } = context();
    await withEngine(worker, async (other) => {
      for (let round = 0; round < 3; round += 1) {
        const wanted = await spec(images.web);
        const [one, two, three] = await Promise.all([
          apply(wanted),
          other.containers.apply(wanted, tenant),
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

  engineTest('apply ends what a dead worker left half made', async (t) => {
    const { apply, images, observed, spec, tamper } = context();
    if (tamper.makeHalf === undefined) return t.skip('this engine creates in one step');
    const wanted = await spec(images.web);
    await tamper.makeHalf(wanted);
    const half = await observed(wanted.id);
    assert.equal(half.state, 'created');
    assert.equal(half.startedAt, null);
    assert.equal(half.exitCode, null);
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

  engineTest('apply without the image fails and makes nothing', async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.web, { imageId: `sha256:${'0'.repeat(64)}` });
    await rejectsWith(apply(wanted), 'not_found', 'image_missing');
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('a process that can not be started says why, and its object stays', async () => {
    const { apply, engine, images, observed, spec } = context();
    const wanted = await spec(images.web, { command: [MISSING_PROGRAM] });
    await rejectsWith(apply(wanted), 'permanent', 'start_error');
    const stays = await observed(wanted.id);
    assert.ok(stays.state === 'created' || stays.state === 'exited', stays.state);
    assert.match(stays.startError ?? '', /^.+$/);
    const message = await apply(wanted).then(
      () => assert.fail('it started'),
      (error: unknown) => (error instanceof EngineError ? error.message : assert.fail()),
    );
    assert.doesNotMatch(message, /\n/);
    assert.equal((await observed(wanted.id)).ref, stays.ref);
    await engine.containers.remove(stays.ref);
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest(
    'a name is had by one at a time: the next waits for the end of the one before',
    async () => {
      const { apply, engine, images, observed, spec } = context();
      const before = await spec(images.web);
      const next = await spec(images.web, { name: before.name });
      const { ref } = await apply(before);
      await rejectsWith(apply(next), 'retryable', 'name_busy');
      assert.equal((await observed(before.id)).state, 'running');
      await engine.containers.remove(ref);
      assert.equal((await apply(next)).state, 'running');
    },
  );

  engineTest('an address is had by one at a time', async () => {
    const { apply, engine, images, read, spec, waitFor } = context();
    const before = await spec(images.web, { env: { GREETING: 'before' } });
    const { ipv6Address } = before;
    const next = await spec(images.web, { ipv6Address, env: { GREETING: 'next' } });
    const { ref } = await apply(before);
    await rejectsWith(apply(next), 'retryable', 'address_in_use');
    await engine.containers.remove(ref);
    await apply(next);
    await waitFor('an answer of the next', async () =>
      (await read(ipv6Address, 8080, '/').catch(() => '')).includes('next'),
    );
  });

  engineTest('containers of another installation are neither seen nor touched', async () => {
    const { apply, engine, images, read, spec, stranger, tenants, waitFor } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    const [, second] = tenants;
    await withEngine(stranger, async (foreign) => {
      assert.equal(await foreign.containers.observe(wanted.id), null);
      assert.deepEqual(await foreign.containers.list(), []);
      await foreign.tenants.ensure(second);
      const theirs = {
        ...wanted,
        tenantId: second.id,
        ipv6Address: addressIn(second, wanted.id),
      };
      const made = await foreign.containers.apply(theirs, second);
      try {
        assert.notEqual(made.ref, ref);
        assert.equal((await engine.containers.observe(wanted.id))?.ref, ref);
        assert.ok((await engine.containers.list()).every((each) => each.ref !== made.ref));
        // An identity of theirs in our hands, by mistake, is still theirs.
        await engine.containers.remove(made.ref).catch(() => {});
        await engine.containers.stop(made.ref).catch(() => {});
        assert.equal((await foreign.containers.observe(wanted.id))?.state, 'running');
        await waitFor('ours and theirs answering', async () => {
          const answers = [wanted, theirs].map((each) => read(each.ipv6Address, 8080, '/'));
          return (await Promise.allSettled(answers)).every((each) => each.status === 'fulfilled');
        });
      } finally {
        await foreign.containers.remove(made.ref);
        await foreign.tenants.remove(second.id);
      }
    });
  });

  engineTest('list is complete, whatever the state', async () => {
    const { apply, engine, images, inState, spec, tamper } = context();
    const running = await spec(images.web);
    const paused = await spec(images.web);
    const exited = await spec(images.exit1);
    const broken = await spec(images.web, { command: [MISSING_PROGRAM] });
    for (const each of [running, paused, exited]) await apply(each);
    await rejectsWith(apply(broken), 'permanent', 'start_error');
    await tamper.pause(paused.id);
    await inState(exited.id, 'exited');
    const listed = await engine.containers.list();
    const expected = [];
    for (const each of [running, paused, exited, broken]) {
      const found = await engine.containers.observe(each.id);
      const { ref, id, tenantId, specHash, state, connected } = found ?? assert.fail();
      expected.push({ ref, id, tenantId, specHash, state, connected });
    }
    assert.deepEqual(
      listed.toSorted((a, b) => a.id - b.id),
      expected,
    );
    assert.deepEqual(
      expected.slice(0, 3).map(({ state }) => state),
      ['running', 'paused', 'exited'],
    );
  });
}
