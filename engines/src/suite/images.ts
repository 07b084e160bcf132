/** The suite's tests of images and their pulls. */
import assert from 'node:assert/strict';
import type { ImageState } from '../contract.ts';
import { engineTest, LONG_AGO, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

/** A pull may end before the reply to its request arrives. */
const STARTED: readonly ImageState['state'][] = ['queued', 'pulling', 'present'];

export function imagesTests(context: () => SuiteContext): void {
  /** Removes what is not kept until that image is. The engine may have one a moment before its pull has ended. */
  const collected = (ref: string, kept: readonly string[]): Promise<string[]> =>
    context().waitFor(`the removal of ${ref}`, async () => {
      const removed = await context().engine.images.collect(async () => new Set(kept));
      return removed.includes(ref) && removed;
    });

  engineTest('an image is absent, then pulling, then present with its ports', async () => {
    const { engine, slowImage, request, pulled, waitFor } = context();
    const slow = slowImage();
    const asked = request(slow.ref);
    assert.deepEqual(await engine.images.observe(asked), { state: 'absent' });
    await engine.images.ensure(asked);
    const pulling = await waitFor('pulling', async () => {
      const state = await engine.images.observe(asked);
      return state.state === 'pulling' && state;
    });
    assert.ok(pulling.startedAt.getTime() <= context().now().getTime());
    // A second request joins the pull in progress.
    assert.deepEqual(await engine.images.ensure(asked), pulling);
    slow.release();
    const present = await pulled(asked);
    assert.ok(present.state === 'present', JSON.stringify(present));
    assert.match(present.imageId, /./);
    assert.deepEqual(present.exposedPorts, [8080]);
    // The engine may have the image a moment before it knows that its pull has ended.
    const again = await engine.images.ensure(asked);
    assert.deepEqual(
      { ...again, pulledAt: present.pulledAt },
      { ...present, pulledAt: present.pulledAt },
    );
  });

  engineTest('a third pull of one tenant waits; another tenant does not', async () => {
    const { engine, slowImage, request, pulled, tenants, images } = context();
    const slow = [slowImage(), slowImage(), slowImage()] as const;
    const states = [];
    for (const [index, { ref }] of slow.entries()) {
      const asked = request(ref, { containerId: 101 + index });
      states.push((await engine.images.ensure(asked)).state);
    }
    try {
      assert.deepEqual(states, ['pulling', 'pulling', 'queued']);
      const other = request(images.webLatest, { tenantId: tenants[1].id });
      await engine.images.ensure(other);
      assert.equal((await pulled(other)).state, 'present');
      assert.equal((await engine.images.observe(request(slow[2].ref))).state, 'queued');
    } finally {
      for (const { release } of slow) release();
    }
    for (const { ref } of slow) assert.equal((await pulled(request(ref))).state, 'present');
  });

  engineTest('a container that wants other images releases its previous pulls', async () => {
    const { engine, slowImage, request } = context();
    const [applied, former, next, queued] = [slowImage(), slowImage(), slowImage(), slowImage()];
    const stateOf = async ({ ref }: { ref: string }, containerId: number) =>
      (await engine.images.observe(request(ref, { containerId }))).state;
    const ask = async (image: { ref: string }, containerId: number, wanted?: string[]) => {
      const options = wanted === undefined ? { containerId } : { containerId, wanted };
      return (await engine.images.ensure(request(image.ref, options))).state;
    };
    try {
      const both = [former.ref, applied.ref];
      assert.equal(await ask(applied, 111, both), 'pulling');
      assert.equal(await ask(former, 111, both), 'pulling');
      // Both places are taken. One is freed as soon as nobody waits for that pull.
      assert.equal(await ask(queued, 112), 'queued');
      await ask(next, 111, [next.ref, applied.ref]);
      assert.equal(await stateOf(former, 113), 'absent');
      assert.equal(await stateOf(applied, 113), 'pulling');
      await context().waitFor('the place', async () => (await stateOf(queued, 112)) === 'pulling');
      // Deleted containers wait for nothing.
      await engine.images.abandon(111);
      await engine.images.abandon(112);
      for (const each of [applied, next, queued]) assert.equal(await stateOf(each, 113), 'absent');
    } finally {
      for (const { release } of [applied, former, next, queued]) release();
    }
  });

  for (const [name, reason] of [
    ['missing', 'image_not_found'],
    ['denied', 'image_pull_denied'],
    ['broken', 'image_pull_error'],
  ] as const) {
    engineTest(`a pull that fails is reported with its reason: ${reason}`, async () => {
      const { engine, images, request, pulled, now } = context();
      const asked = request(images[name], { since: now() });
      assert.ok([...STARTED, 'failed'].includes((await engine.images.ensure(asked)).state));
      const failed = await pulled(asked);
      assert.ok(failed.state === 'failed', JSON.stringify(failed));
      assert.equal(failed.reason, reason, failed.message);
      assert.match(failed.message, /^[A-Z].*\.$/);
      assert.doesNotMatch(failed.message, /a word of the registry/);
      assert.ok(failed.failedAt.getTime() >= asked.since.getTime());
    });
  }

  engineTest('a pull that failed before `since` does not count, and is tried again', async () => {
    const { engine, images, later, now, pulled, request } = context();
    const asked = request(images.missing, { since: now() });
    await engine.images.ensure(asked);
    const failed = await pulled(asked);
    assert.ok(failed.state === 'failed', JSON.stringify(failed));
    const next = request(images.missing, { since: await later() });
    assert.deepEqual(await engine.images.observe(next), { state: 'absent' });
    await engine.images.ensure(next);
    const again = await pulled(next);
    assert.ok(again.state === 'failed', JSON.stringify(again));
    assert.ok(again.failedAt > failed.failedAt);
  });

  engineTest('an image by digest is pulled, and then present whenever that was', async () => {
    const { engine, images, later, pulled, request } = context();
    const asked = request(images.webDigest);
    await engine.images.ensure(asked);
    const present = await pulled(asked);
    assert.ok(present.state === 'present', JSON.stringify(present));
    const again = await engine.images.observe({ ...asked, since: await later() });
    assert.ok(again.state === 'present', JSON.stringify(again));
    // The first look may come after the image is there, and before its pull has ended.
    assert.deepEqual({ ...again, pulledAt: null }, { ...present, pulledAt: null });
  });

  engineTest('a tag that moved gives the new image only when it is `latest`', async () => {
    const { apply, engine, images, later, observed, pulled, republish, request, spec } = context();
    const tagged = await spec(images.web);
    const latest = await spec(images.webLatest);
    const running = await apply(latest);
    await republish(images.webLatest);
    await republish(images.web);
    const since = await later();
    for (const { image, imageId } of [tagged, latest]) {
      const asked = request(image, { since });
      await engine.images.ensure(asked);
      const present = await pulled(asked);
      assert.ok(present.state === 'present', JSON.stringify(present));
      if (image === images.web) assert.equal(present.imageId, imageId);
      else assert.notEqual(present.imageId, imageId);
    }
    // A running container keeps running from the image that it was created from.
    assert.deepEqual(await apply(latest), running);
    assert.deepEqual(await observed(latest.id), running);
  });

  engineTest('a tag is present whenever it was pulled; `latest` is pulled again', async () => {
    const { engine, images, later, pulled, request } = context();
    for (const ref of [images.web, images.webLatest]) {
      await engine.images.ensure(request(ref));
      assert.equal((await pulled(request(ref))).state, 'present', ref);
    }
    const since = await later();
    assert.equal((await engine.images.observe(request(images.web, { since }))).state, 'present');
    const latest = request(images.webLatest, { since });
    assert.deepEqual(await engine.images.observe(latest), { state: 'absent' });
    assert.equal((await engine.images.observe({ ...latest, since: LONG_AGO })).state, 'present');
    assert.ok(STARTED.includes((await engine.images.ensure(latest)).state));
    assert.equal((await pulled(latest)).state, 'present');
  });

  engineTest('an image that a dead worker pulled is present to the next', async () => {
    const { images, request, spec, worker } = context();
    const { imageId } = await spec(images.web);
    await engineWith(worker, async (other) => {
      const state = await other.images.observe(request(images.web));
      assert.equal(state.state, 'present');
      assert.equal(state.state === 'present' && state.imageId, imageId);
    });
  });

  engineTest('images.collect spares what is kept or used, and removes the rest', async () => {
    const { engine, images, request, spec, apply } = context();
    const exit1 = await spec(images.exit1);
    const kept = await engine.images.collect(async () => new Set([images.exit1]));
    assert.ok(!kept.includes(images.exit1), kept.join());
    const { ref } = await apply(exit1);
    const used = await engine.images.collect(async () => new Set());
    assert.ok(!used.includes(images.exit1), used.join());
    await engine.containers.end(ref, 0);
    await collected(images.exit1, []);
    assert.deepEqual(await engine.images.observe(request(images.exit1)), { state: 'absent' });
    assert.deepEqual(await engine.images.collect(async () => new Set()), []);
  });

  engineTest('images.collect removes each name that one image was pulled by', async () => {
    const { engine, images, later, pulled, request, slowImage, spec } = context();
    await engine.images.collect(async () => new Set());
    await spec(images.web);
    const second = slowImage();
    second.release();
    await engine.images.ensure(request(second.ref));
    assert.equal((await pulled(request(second.ref))).state, 'present');
    assert.deepEqual(
      await engine.images.collect(async () => new Set([images.web, second.ref])),
      [],
    );
    assert.deepEqual(await collected(second.ref, [images.web]), [second.ref]);
    const since = await later();
    const gone = await engine.images.observe(request(second.ref, { since }));
    assert.deepEqual(gone, { state: 'absent' });
    assert.equal((await engine.images.observe(request(images.web))).state, 'present');
  });

  engineTest('images.collect leaves what another installation pulled', async () => {
    const { images, engine, spec, stranger, request } = context();
    await spec(images.stubborn);
    await engineWith(stranger, async (foreign) => {
      assert.ok(!(await foreign.images.collect(async () => new Set())).includes(images.stubborn));
    });
    assert.equal((await engine.images.observe(request(images.stubborn))).state, 'present');
  });
}
