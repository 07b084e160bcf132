import type { Engine } from '@dollarbox/engines/contract';
import { createFakeEngine } from '@dollarbox/engines/fake';
import type { FakeWorld } from '@dollarbox/engines/fake/world';
import { containerReconcilerCreate } from '../containers/reconcile.ts';
import { imageSweep } from '../containers/sweep.ts';
import type { ReconcileDeps } from '../deps.ts';
import { engineWatch } from '../reconciler/engine-watch.ts';
import { reconcilerLoopStart } from '../reconciler/loop.ts';
import type { Claim } from '../reconciler/store.ts';
import type { WorkSignal } from '../reconciler/work-signal.ts';
import { volumeReconcilerCreate } from '../volumes/reconcile.ts';
import type { LivingWorker } from './desire-store.ts';
import { engineOfProcess } from './process-engine.ts';
import { logOfProcess, metricsShared } from './process-log.ts';
import { storeOfProcess } from './process-store.ts';
import { type Life, lifeCreate } from './life.ts';
import type { Stage } from './stage.ts';
import { OURS } from './installations.ts';

/** A pretended process with the product's own loop, reconcile and watch in it. */
export interface SimulatedProcess {
  name: string;
  life: Life;
  signal: WorkSignal;
  /** Claims whose turns are running in it. */
  claims: Set<Claim>;
  /** Loses its session with the database for a while. */
  sessionCut(forMs: number): void;
  /** Its clock shows another time than all others, by this much. */
  clockShift(byMs: number): void;
  imagesCollect(): void;
  /** Ends as by SIGTERM. */
  stop(): void;
  /** Calls `listener` when it has died or ended. */
  onEnded(listener: () => void): void;
}

export function processStart(stage: Stage, name: string): SimulatedProcess {
  const { clock, world, whole, witness, plant } = stage;
  let shiftMs = 0;
  const now = () => new Date(clock.now().getTime() + shiftMs);
  // What the process times itself, pulls, it times by its own clock.
  const ownWorld = Object.create(world, {
    clock: { value: { now, schedule: clock.schedule } },
  }) as FakeWorld;
  const inner = createFakeEngine(ownWorld, { installationId: OURS });
  const claims = new Set<Claim>();
  const onEnded = new Set<() => void>();
  const life = lifeCreate(clock, () => {
    witness.trace(`${name}: dies`);
    void inner.close();
    sessionClose();
    for (const listener of onEnded) listener();
  });
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

  const actor = { name, life, claims };
  const store = storeOfProcess(stage, actor);
  const engineFor = (part: 'turn' | 'sweep'): Engine => {
    const engine = engineOfProcess(stage, actor, inner, part);
    return plant.engine?.(engine, world, store) ?? engine;
  };
  const deps: ReconcileDeps = {
    store,
    engine: engineFor('turn'),
    clock: { now },
    random: {
      fraction: () => stage.chance.fraction(),
      base62: () => '',
      bytes: () => Buffer.alloc(0),
      uuid: () => '',
    },
    signal,
    metrics: metricsShared(),
    log: logOfProcess(witness, name),
    subnetStartIndex: 0,
  };
  const watchDeps: ReconcileDeps = { ...deps, engine: engineFor('sweep') };
  const timers = { after: life.after };
  const watching = new AbortController();

  const plainVolume = volumeReconcilerCreate(deps);
  const volumeReconcile = plant.volumeReconcile?.(plainVolume, deps) ?? plainVolume;
  const plain = containerReconcilerCreate(deps);
  const reconcile = plant.reconcile?.(plain, deps) ?? plain;
  void sessionOpen();
  const loop = reconcilerLoopStart(
    deps,
    { number: () => session?.number ?? null, close: async () => sessionClose() },
    {
      async container(claim, lease) {
        claims.add(claim);
        try {
          await reconcile(claim, lease);
        } finally {
          claims.delete(claim);
        }
      },
      async volume(claim, lease) {
        claims.add(claim);
        try {
          await volumeReconcile(claim, lease);
        } finally {
          claims.delete(claim);
        }
      },
    },
    timers,
  );
  void engineWatch(watchDeps, watching.signal, timers);

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
    clockShift(byMs) {
      shiftMs = byMs;
    },
    imagesCollect() {
      imageSweep(watchDeps).catch(() => undefined);
    },
    stop() {
      watching.abort();
      void loop.stop().then(() => life.die());
    },
  };
}
