/** The suite's tests of single lines, of following them, and of usage. */
import assert from 'node:assert/strict';
import { EngineError } from '../contract.ts';
import type { LogLine, LogRange } from '../contract.ts';
import { engineTest, rejectsWith } from './context.ts';
import type { SuiteContext } from './context.ts';

const NEVER = new AbortController().signal;

export function accessTests(context: () => SuiteContext): void {
  async function linesOf(ref: string, range: LogRange = {}) {
    const lines: LogLine[] = [];
    let gaps = 0;
    for await (const part of context().engine.access.lines(ref, range, NEVER)) {
      if (part.hasGap === true) gaps += 1;
      lines.push(...part.lines);
    }
    return { lines, gaps };
  }

  /** Waits until its process has ended; an engine may remove the object by itself then. */
  const ended = (id: number) =>
    context().waitFor(`end of container ${id}`, async () => {
      const found = await context().engine.containers.observe(id);
      return (found === null || found.state === 'exited') && { isGone: found === null };
    });

  /** The lines of two runs of a process that ends. */
  async function twoRuns() {
    const { apply, images, inState, later, now, spec, waitFor } = context();
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    const beganMs = now().getTime();
    while (now().getTime() < beganMs + 1000) await later();
    await apply(wanted);
    await inState(wanted.id, 'exited');
    const all = await waitFor('all lines of both runs', async () => {
      const { lines } = await linesOf(ref);
      return lines.length >= 8 && lines;
    });
    const texts = all
      .filter(({ stream, text }) => stream === 'stdout' && text !== 'oops')
      .map(({ text }) => text);
    assert.deepEqual(texts.slice(0, 6), ['one', 'two', 'three', 'one', 'two', 'three']);
    return { ref, all };
  }

  /** The lines of a process that goes on: an engine that starts it again by itself keeps few former runs. */
  async function oneRun() {
    const { apply, images, linesWrite, spec, waitFor } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await waitFor('the first line', async () => (await linesOf(ref)).lines.length === 1);
    await linesWrite(wanted.id, ['one', 'one', 'two', 'three']);
    const all = await waitFor('all lines', async () => {
      const { lines } = await linesOf(ref);
      return lines.length >= 5 && lines;
    });
    assert.deepEqual(
      all.map(({ text }) => text),
      ['ready', 'one', 'one', 'two', 'three'],
    );
    return { ref, all };
  }

  engineTest('each line has a position, behind which the next one stands', async () => {
    const { ref, all } = context().engine.restarts === 'engine' ? await oneRun() : await twoRuns();
    assert.equal(new Set(all.map(({ position }) => position)).size, all.length);
    for (const [index, { position, at, isCut }] of all.entries()) {
      assert.match(position, /^[A-Za-z0-9._-]{1,60}$/);
      assert.ok(Number.isFinite(Date.parse(at)), at);
      assert.equal(isCut, false);
      const behind = await linesOf(ref, { after: position });
      assert.deepEqual(behind.lines.slice(0, all.length - index - 1), all.slice(index + 1));
      assert.equal(behind.gaps, 0);
    }
    assert.deepEqual((await linesOf(ref, { tail: 3 })).lines, all.slice(-3));
    assert.deepEqual((await linesOf(ref, { tail: 0 })).lines, []);
  });

  engineTest('a follower gets each line once, until the process ends', async () => {
    const { apply, engine, images, linesWrite, spec, waitFor } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    const [first] = await waitFor('the first line', async () => {
      const { lines } = await linesOf(ref, { tail: 1 });
      return lines.length === 1 && lines;
    });
    assert.equal(first?.text, 'ready');
    const texts: string[] = [];
    const positions = new Set<string>();
    const following = (async () => {
      for await (const { lines } of engine.access.follow(ref, { after: first.position }, NEVER)) {
        texts.push(...lines.map(({ text }) => text));
        for (const { position } of lines) positions.add(position);
      }
    })();
    const numbers = Array.from({ length: 300 }, (_, index) => String(index));
    for (let start = 0; start < 300; start += 100) {
      await linesWrite(wanted.id, numbers.slice(start, start + 100));
    }
    await waitFor('all lines', async () => texts.length >= 300);
    await engine.containers.end(ref, 10_000);
    const { isGone } = await ended(wanted.id);
    await following;
    assert.deepEqual(texts.slice(0, 300), numbers);
    assert.equal(positions.size, texts.length);
    // An engine that restarts processes by itself may keep nothing of one that it has ended.
    if (isGone || engine.restarts === 'engine') return;
    assert.deepEqual(
      (await linesOf(ref, { after: first.position })).lines.map(({ text }) => text),
      texts,
    );
  });

  engineTest('an engine that restarts processes gives the lines of each run apart', async (t) => {
    const { apply, engine, images, spec, unchanged } = context();
    if (engine.restarts === 'reconciler') return t.skip('this engine leaves restarts to others');
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    const { all, behind } = await unchanged([wanted.id], async ([found]) => {
      const { state, startedAt: run, exits } = found ?? {};
      if (state !== 'exited' || (exits?.count ?? 0) < 2 || !run) return false;
      try {
        const read = await linesOf(ref, { run });
        const after = read.lines[0]?.position ?? '';
        return read.lines.length >= 4 && { all: read, behind: await linesOf(ref, { run, after }) };
      } catch (error) {
        // It was restarted meanwhile.
        if (error instanceof EngineError && error.reason === 'run_missing') return false;
        throw error;
      }
    });
    const texts = all.lines.map(({ text }) => text).filter((text) => text !== 'oops');
    assert.deepEqual(texts, ['one', 'two', 'three']);
    assert.deepEqual([all.gaps, behind], [0, { lines: all.lines.slice(1), gaps: 0 }]);
    await rejectsWith(linesOf(ref, { run: new Date(0) }), 'not_found', 'run_missing');
    const following = Array.fromAsync(
      engine.access.follow(ref, { after: null, run: new Date(0) }, NEVER),
    );
    await rejectsWith(following, 'not_found', 'run_missing');
  });

  engineTest('following from the first line on, and giving up', async () => {
    const { apply, engine, images, spec } = context();
    const { ref } = await apply(await spec(images.shell));
    const giveUp = new AbortController();
    for await (const { lines } of engine.access.follow(ref, { after: null }, giveUp.signal)) {
      if (lines.length === 0) continue;
      assert.equal(lines[0]?.text, 'ready');
      giveUp.abort();
      break;
    }
  });

  engineTest('the lines and the usage of a container that is gone', async () => {
    const { apply, engine, images, spec } = context();
    const { ref } = await apply(await spec(images.shell));
    await engine.containers.end(ref, 0);
    await rejectsWith(linesOf(ref), 'not_found', 'container_missing');
    const following = Array.fromAsync(engine.access.follow(ref, { after: null }, NEVER));
    await rejectsWith(following, 'not_found', 'container_missing');
    await rejectsWith(engine.access.usage(ref), 'not_found', 'container_missing');
  });

  engineTest('usage is what runs now, and nothing of what has ended', async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    const usage = await engine.access.usage(ref);
    for (const value of Object.values(usage)) assert.ok(value === null || value >= 0);
    assert.ok(usage.memoryBytes === null || usage.memoryBytes > 0);
    await engine.containers.end(ref, 10_000);
    if ((await ended(wanted.id)).isGone) return;
    assert.equal((await engine.access.usage(ref)).memoryBytes, null);
  });
}
