import type { Engine } from '@dollarbox/engines/contract';
import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import type { Tamper } from '@dollarbox/engines/fake/tamper';
import type { FakeWorld } from '@dollarbox/engines/fake/world';
import type { ReconcileDeps } from '../deps.ts';
import type { Reconcile } from '../reconciler/loop.ts';
import type { ReconcileStore } from '../reconciler/store.ts';
import type { WorkSignal } from '../reconciler/work-signal.ts';
import type { Chance } from './chance.ts';
import type { DesireStore, WholeStore } from './desire-store.ts';
import type { MemoryTables } from './memory-tables.ts';
import type { Model } from './model.ts';
import type { SimulatedProcess } from './process.ts';
import type { Conditions } from './weather.ts';
import type { Witness } from './witness.ts';

type FakeVolume = ReturnType<Tamper['volumeVanish']>;

/** What is put around the real code to make a deliberate bug. */
export interface Wraps {
  store?(store: ReconcileStore): ReconcileStore;
  desire?(desire: DesireStore): DesireStore;
  /** @param store as the same process calls it. */
  engine?(engine: Engine, world: FakeWorld, store: ReconcileStore): Engine;
  reconcile?(reconcile: Reconcile, deps: ReconcileDeps): Reconcile;
  volumeReconcile?(reconcile: Reconcile, deps: ReconcileDeps): Reconcile;
  world?(world: FakeWorld): void;
}

/** All that a run takes place on. */
export interface Stage {
  clock: VirtualClock;
  world: FakeWorld;
  tamper: Tamper;
  /** Everything of others in the world, as it has to stay. */
  foreigners: string;
  whole: WholeStore;
  /** What a store in memory holds, to look at between any two calls; null: it is elsewhere. */
  tables: MemoryTables | null;
  /** Chance of what happens outside of the engine, apart from the operations'. */
  chance: Chance;
  conditions: Conditions;
  witness: Witness;
  /** What clients were told. */
  model: Model;
  processes: SimulatedProcess[];
  /** What brings volumes back that are away for a while. */
  away: Set<() => void>;
  /** Our volumes on the engine. */
  ourVolumes(): FakeVolume[];
  plant: Wraps;
  /** Dead or ending processes for which another will start. */
  replacing: Set<SimulatedProcess>;
  /** Told of each call of the store. */
  called(): void;
  /** How likely a call of the store takes any time at all in fair weather. */
  storeNoise: number;
  /** Tells all processes that something is due, less `but`, as NOTIFY does. */
  signalSend(but: WorkSignal | null): void;
}
