// What the containers of each org use, as the engine measures it: for metrics, not for the API.
import { type ContainerUsage, type EngineAccess, EngineError } from '@dollarbox/engines/contract';
import { type BoundedCounter, boundedCounterCreate } from './bounded-counter.ts';
import type { Db } from './db/database.ts';

/** The least time between the beginnings of two measurements, in milliseconds. */
const EVERY_MS = 60_000;
/** At most this share of the time is spent measuring, however many containers there are. */
const TIME_SHARE = 0.1;
const AT_A_TIME = 2;
/** After so many failures in a row the engine is taken to be away. */
const FAILURES_MAX = 3;

/** What grows as long as a process runs. */
const COUNTED = ['cpuSeconds', 'networkReceivedBytes', 'networkSentBytes'] as const;
type Counted = (typeof COUNTED)[number];
type Reading = Pick<ContainerUsage, Counted>;

interface UsedContainer {
  ref: string;
  orgId: number;
  isRunning: boolean;
}

export interface OrgUsage {
  /** Starts a measurement in the background if the last one is old enough. */
  request(): void;
  /** Measures now. */
  measure(): Promise<void>;
  /** By org, as last measured; null: not known. */
  memoryBytes(): ReadonlyMap<number, number> | null;
  /** What was used since this process began to measure. */
  used: Readonly<Record<Counted, BoundedCounter>>;
  /** Ends a measurement that is in progress. */
  stop(): void;
}

/** @param top of how many orgs each counter says the names. */
export function orgUsageCreate(
  { db, access }: { db: Db; access: Pick<EngineAccess, 'usage'> },
  top: number,
): OrgUsage {
  const used = {
    cpuSeconds: boundedCounterCreate(top),
    networkReceivedBytes: boundedCounterCreate(top),
    networkSentBytes: boundedCounterCreate(top),
  };
  /** What each object had used when it was last measured. */
  let readings: Map<string, Reading> | null = null;
  let memory: Map<number, number> | null = null;
  let nextAtMs = 0;
  let isStopped = false;

  /** @returns null if the object is gone or can't be measured. */
  async function usageRead(ref: string): Promise<ContainerUsage | null> {
    try {
      return await access.usage(ref, { withDisk: false });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.kind === 'not_found') return null;
      throw error;
    }
  }

  /** @returns null if the engine is away. */
  async function usagesRead(
    containers: readonly UsedContainer[],
  ): Promise<Map<UsedContainer, ContainerUsage> | null> {
    const found = new Map<UsedContainer, ContainerUsage>();
    const rest = containers.values();
    let failures = 0;
    const lanes = Array.from({ length: AT_A_TIME }, async () => {
      for (const container of rest) {
        if (isStopped || failures >= FAILURES_MAX) return;
        try {
          const usage = await usageRead(container.ref);
          if (usage !== null) found.set(container, usage);
          failures = 0;
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          failures += 1;
        }
      }
    });
    await Promise.all(lanes);
    return isStopped || failures >= FAILURES_MAX ? null : found;
  }

  /** What was used since the last measurement, by org. What an object had used before the first one does not count. */
  function growth(found: ReadonlyMap<UsedContainer, ContainerUsage>, key: Counted) {
    const grown = new Map<number, number>();
    if (readings === null) return grown;
    for (const [{ ref, orgId }, usage] of found) {
      const [now, before] = [usage[key] ?? 0, readings.get(ref)?.[key] ?? 0];
      // The engine begins at 0 with each start of the process.
      grown.set(orgId, (grown.get(orgId) ?? 0) + (now < before ? now : now - before));
    }
    return grown;
  }

  async function measure(): Promise<void> {
    const containers = await usedContainersRead(db);
    const found = await usagesRead(containers.filter(({ isRunning }) => isRunning));
    if (found === null) {
      memory = null;
      return;
    }
    for (const key of COUNTED) used[key].add(growth(found, key));
    const known = readings;
    readings = new Map(
      containers.flatMap((container) => {
        // One that was not measured this time is compared with what it had before.
        const reading = found.get(container) ?? known?.get(container.ref);
        return reading === undefined ? [] : [[container.ref, reading]];
      }),
    );
    memory = memoryOf(found);
  }

  return {
    used,
    memoryBytes: () => memory,
    measure,
    request() {
      const startedAtMs = performance.now();
      if (isStopped || startedAtMs < nextAtMs) return;
      nextAtMs = Infinity;
      void measure()
        // The database or the engine is away, which other metrics say.
        .catch(() => (memory = null))
        .finally(() => {
          const tookMs = performance.now() - startedAtMs;
          nextAtMs = startedAtMs + Math.max(EVERY_MS, tookMs / TIME_SHARE);
        });
    },
    stop() {
      isStopped = true;
    },
  };
}

/** @returns null if the engine knows it of none of them. */
function memoryOf(found: ReadonlyMap<UsedContainer, ContainerUsage>): Map<number, number> | null {
  const sums = new Map<number, number>();
  for (const [{ orgId }, { memoryBytes }] of found) {
    if (memoryBytes !== null) sums.set(orgId, (sums.get(orgId) ?? 0) + memoryBytes);
  }
  return sums.size === 0 && found.size > 0 ? null : sums;
}

/** The containers that have an object on the engine. */
function usedContainersRead(db: Db): Promise<UsedContainer[]> {
  return db
    .selectFrom('containers')
    .select((eb) => [
      'applied_ref as ref',
      'org_id as orgId',
      eb('status', '=', 'running').as('isRunning'),
    ])
    .where('deleted_at', 'is', null)
    .where('applied_ref', 'is not', null)
    .$narrowType<{ ref: string; isRunning: boolean }>()
    .orderBy('id')
    .execute();
}
