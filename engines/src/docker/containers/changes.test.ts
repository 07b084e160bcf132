import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, test } from 'node:test';
import type { EngineChange } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { type Attended, attendedCreate } from '../daemon/attended.ts';
import { type HintHub, hintHubCreate } from '../../hints.ts';
import { changesWatch } from './changes.ts';
import { nameWaitersCreate } from '../../name-waiters.ts';
import { ALL_IPV6 } from '../network/reach.ts';
import { LABELS } from '../base/names.ts';

const INSTALLATION = 'abcdef123456';
const OURS = 1;
/** Its hint arrives after all earlier events have been handled. */
const LAST = 99;

const failed = () => Promise.reject(new Error('it failed'));

describe('hints from the events of Docker', () => {
  let events: PassThrough;
  let attended: Attended;
  let hub: HintHub;
  let seen: EngineChange[];
  let isLastSeen: Promise<unknown>;
  let gapCount: number;

  beforeEach((t) => {
    events = new PassThrough();
    attended = attendedCreate();
    hub = hintHubCreate();
    seen = [];
    gapCount = 0;
    const onGap = () => void gapCount++;
    const abort = new AbortController();
    const context = {
      installationId: INSTALLATION,
      log: { info() {}, warn() {}, error() {} },
      now: () => new Date(),
      closedIpv6: () => ALL_IPV6,
    };
    const api = { stream: () => Promise.resolve(events) } as unknown as DockerApi;
    const watched = changesWatch(
      ...([context, api, hub, nameWaitersCreate(), attended, onGap] as const),
      abort.signal,
    );
    isLastSeen = (async () => {
      for await (const change of watched) {
        if (change.id === LAST) return;
        seen.push(change);
      }
    })();
    assert.ok('after' in t);
    t.after(() => abort.abort());
  });

  function happens(Action: string, id = OURS, attributes: Record<string, string> = {}): void {
    const Attributes = {
      [LABELS.installation]: INSTALLATION,
      [LABELS.container]: String(id),
      ...attributes,
    };
    events.write(
      `${JSON.stringify({ Type: 'container', Action, Actor: { ID: `ref${id}`, Attributes } })}\n`,
    );
  }

  test('a verb that starts a container observes it last, so it causes no hint', async () => {
    await attended.during(
      OURS,
      async () => {
        happens('create');
        happens('start');
        happens('create', LAST);
        await isLastSeen;
      },
      () => assert.fail(),
    );
    assert.deepEqual(seen, []);
  });

  test('its end still causes a hint, and so do starts by others', async () => {
    await attended.during(
      OURS,
      async () => {
        happens('start', 2);
        happens('die', OURS, { exitCode: '3' });
        happens('create', LAST);
        await isLastSeen;
      },
      () => assert.fail(),
    );
    assert.deepEqual(seen, [
      { kind: 'container', id: 2 },
      { kind: 'container', id: OURS, ended: { ref: 'ref1', exitCode: 3 } },
    ]);
  });

  test('an end that was not reported yet is not reported after the start that followed it', async () => {
    hub.tell('container', OURS, { ref: 'ref1', exitCode: 3 });
    hub.tell('container', OURS, null, true);
    happens('create', LAST);
    await isLastSeen;
    assert.deepEqual(seen, [{ kind: 'container', id: OURS }]);
  });

  test('a verb that fails causes a hint for the container that it did not observe', async () => {
    const bringUp = attended.during(OURS, failed, () => hub.tell('container', OURS));
    await assert.rejects(bringUp, /it failed/);
    happens('create', LAST);
    await isLastSeen;
    assert.deepEqual(seen, [{ kind: 'container', id: OURS }]);
  });

  test('afterwards, a start causes a hint again', async () => {
    await attended.during(
      OURS,
      () => Promise.resolve(),
      () => assert.fail(),
    );
    happens('start');
    happens('create', LAST);
    await isLastSeen;
    assert.deepEqual(seen, [{ kind: 'container', id: OURS }]);
  });

  test('a stream reports a gap when it reconnects, but not when it first connects', async () => {
    happens('start');
    const first = events;
    events = new PassThrough();
    first.end();
    happens('create', LAST);
    await isLastSeen;
    assert.deepEqual(seen, [{ kind: 'container', id: OURS }]);
    assert.equal(gapCount, 1);
  });
});
