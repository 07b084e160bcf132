import type { Engine } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import type { FakeWorld } from '@dollarbox/engines/fake/world';
import { imageSweep } from '../../../server/src/containers/sweep.ts';
import { type KindDeps, kindsCreate } from '../../../server/src/kinds.ts';
import { engineWatch } from '../../../server/src/reconciler/engine-watch.ts';
import { reconcilerLoopStart } from '../../../server/src/reconciler/loop.ts';
import type { Lease } from '../../../server/src/reconciler/turn.ts';
import type { Claim } from '../../../server/src/reconciler/store.ts';
import type { WorkSignal } from '../../../server/src/reconciler/work-signal.ts';
import { workerSessionWhileSure } from '../../../server/src/reconciler/worker-session.ts';
import type { LivingWorker } from '../stores/desire-store.ts';
import { clockOfProcess } from './process-clock.ts';
import { engineOfProcess } from './process-engine.ts';
import { logOfProcess, metricsShared } from './process-log.ts';
import { storeOfProcess, subnetsOfProcess } from './process-store.ts';
import { lifeCreate } from '../world/life.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { Stage, Wraps } from '../world/stage.ts';
import { OURS } from '../world/installations.ts';

export function processStart(stage: Stage, name: string): SimulatedProcess {
  const { clock, world, whole, witness, plant } = stage;
  const claims = new Set<Claim>();
  const onEnded = new Set<() => void>();
  const life = lifeCreate(clock, () => {
    witness.trace(`${name}: dies`);
    void inner.close();
    sessionClose();
    for (const listener of onEnded) listener();
  });
  const actor = { name, life, claims };
  const { clock: ownClock, opened, shift } = clockOfProcess(stage, actor);
  // What the engine times, namely pulls, is timed by the same clock.
  const ownWorld = Object.create(world, {
    clock: { value: { now: ownClock.now, schedule: clock.schedule } },
  }) as FakeWorld;
  const store = storeOfProcess(stage, actor);
  const subnets = subnetsOfProcess(stage, actor);
  const inner = fakeEngineCreate(ownWorld, { installationId: OURS, subnets });
  let session: LivingWorker | null = null;

  async function sessionOpen(): Promise<void> {
    const opened = await whole.workerOpen();
    if (!life.isAlive()) return opened.close();
    session = opened;
    await life.running();
    signal.receive();
  }
  function sessionClose(): void {
    void session?.close();
    session = null;
  }

  const listeners = new Set<() => void>();
  const signal: WorkSignal = {
    receive() {
      for (const listener of listeners) listener();
    },
    notify() {
      signal.receive();
      stage.signalSend(signal);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  const engineFor = (part: 'turn' | 'sweep'): Engine => {
    const engine = engineOfProcess(stage, actor, inner, part);
    return plant.engine?.(engine, world, store) ?? engine;
  };
  const deps: KindDeps = {
    store,
    engine: engineFor('turn'),
    clock: ownClock,
    random: {
      fraction: () => stage.chance.fraction(),
      base62: () => '',
      bytes: () => Buffer.alloc(0),
      uuid: () => `i${String((stage.uids += 1)).padStart(15, '0')}`,
    },
    signal,
    eventSignal: { notify() {} },
    metrics: metricsShared(),
    log: logOfProcess(witness, name),
  };
  const watchDeps: KindDeps = { ...deps, engine: engineFor('sweep') };
  const timers = { after: life.after };
  const watching = new AbortController();

  void opened.then(sessionOpen);
  const ownSession = { number: () => session?.number ?? null, close: async () => sessionClose() };
  const loop = reconcilerLoopStart(
    deps,
    workerSessionWhileSure(ownSession, ownClock),
    turnsPlanted(deps, plant, claims),
    timers,
  );
  void engineWatch(watchDeps, kindsCreate(watchDeps), watching.signal, timers);

  return {
    name,
    life,
    signal,
    claims,
    onEnded: (listener) => void onEnded.add(listener),
    sessionCut(forMs) {
      sessionClose();
      clock.schedule(forMs, () => {
        if (life.isAlive() && session === null) void sessionOpen();
      });
    },
    clockShift: shift,
    imagesCollect() {
      imageSweep(watchDeps).catch(() => undefined);
    },
    stop() {
      watching.abort();
      void loop.stop().then(() => life.die());
    },
  };
}

/** The product's kinds, with a deliberate bug around their turns. Records which turns are running. */
function turnsPlanted(deps: KindDeps, plant: Wraps, claims: Set<Claim>) {
  return kindsCreate(deps).map(({ kind, reconcile: plain }) => {
    const reconcile = plain && (plant.reconcile?.[kind]?.(plain, deps) ?? plain);
    return {
      kind,
      async reconcile(claim: Claim, lease: Lease) {
        claims.add(claim);
        try {
          await reconcile?.(claim, lease);
        } finally {
          claims.delete(claim);
        }
      },
    };
  });
}
