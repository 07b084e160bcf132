import type { Engine } from '@dollarbox/engines/contract';
import type { VirtualClock } from '@dollarbox/engines/fake/clock';
import type { SubnetStore } from '@dollarbox/engines/subnets';
import type { Tamper } from '@dollarbox/engines/fake/tamper';
import type { FakeWorld } from '@dollarbox/engines/fake/world';
import type { Clock } from '../../../server/src/base/system.ts';
import type { DatabaseClock } from '../../../server/src/db/database-clock.ts';
import type { Reconcile } from '../../../server/src/reconciler/turn.ts';
import type { KindDeps, ReconcileStore } from '../../../server/src/kinds.ts';
import type { WorkSignal } from '../../../server/src/reconciler/work-signal.ts';
import type { Chance } from './chance.ts';
import type { DesireStore, WholeStore } from '../stores/desire-store.ts';
import type { MemoryTables } from '../stores/memory-tables.ts';
import type { Model } from './model.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { Conditions } from './weather.ts';
import type { Witness } from './witness.ts';

type FakeVolume = ReturnType<Tamper['volumeVanish']>;

/** Wrappers around the real code that create a deliberate bug. */
export interface Wraps {
  store?(store: ReconcileStore): ReconcileStore;
  subnets?(subnets: SubnetStore): SubnetStore;
  /** @param machine the clock of the process's machine. */
  clock?(clock: DatabaseClock, machine: Clock): DatabaseClock;
  desire?(desire: DesireStore): DesireStore;
  /** @param store as the same process sees it. */
  engine?(engine: Engine, world: FakeWorld, store: ReconcileStore): Engine;
  /** By kind. */
  reconcile?: Record<string, (reconcile: Reconcile, deps: KindDeps) => Reconcile>;
  world?(world: FakeWorld): void;
}

/** Everything that a run consists of. */
export interface Stage {
  clock: VirtualClock;
  world: FakeWorld;
  tamper: Tamper;
  /** All foreign objects in the world, which must stay as they are. */
  foreigners: string;
  whole: WholeStore;
  /** The contents of a store in memory, to examine between any two calls. null: the store is elsewhere. */
  tables: MemoryTables | null;
  /** Chance for events outside of the engine, separate from that of the operations. */
  chance: Chance;
  conditions: Conditions;
  witness: Witness;
  /** What clients were promised. */
  model: Model;
  processes: SimulatedProcess[];
  /** The functions that bring back volumes that are temporarily away. */
  away: Set<() => void>;
  /** Our volumes on the engine. */
  ourVolumes(): FakeVolume[];
  plant: Wraps;
  /** How many identities of volumes processes have made. */
  uids: number;
  /** Dead or ending processes for which another will start. */
  replacing: Set<SimulatedProcess>;
  /** Called for each call of the store. */
  called(): void;
  /** The probability that a call of the store takes any time in fair weather. */
  storeNoise: number;
  /** Notifies all processes except `but` that something is due, as NOTIFY does. */
  signalSend(but: WorkSignal | null): void;
}
