import { type EngineAccess, EngineError } from '@dollarbox/engines/contract';
import { verbRunAs } from '@dollarbox/engines/verb-run';
import { later } from '../base/moments.ts';
import type { Claim } from '../reconciler/store.ts';
import type { Lease } from '../reconciler/turn.ts';
import type { ContainerKindDeps, RecordedInstance } from './kind-store.ts';
import { type InstanceLines, instancesKept, linesCollect } from './kept-lines.ts';

/** How long reading the lines of an object may take altogether, in milliseconds. */
const READ_MS = 8000;

/**
 * A kubelet does not say that it has rotated lines away, which takes 10 MB. A first line that comes so soon after the
 * start, whose time is in whole seconds, is the first one that there was.
 */
const FIRST_LINE_MS = 2000;

/** An object that is about to be removed, or whose process was restarted. */
interface Leaving {
  ref: string;
  /** Its process may still write. */
  isRunning: boolean;
}

/**
 * Keeps the last lines of an object that is about to be removed, or of processes that its engine has restarted. Neither
 * waits for ever: if the lines could not be read in the turn before either, it is recorded that they are lost.
 * @returns why they are lost; null if they are not.
 * @throws EngineError if they can't be read and the next turn is to try again; LeaseLost; FenceLost.
 */
export async function linesKeep(
  deps: ContainerKindDeps,
  claim: Claim,
  lease: Lease,
  { ref, isRunning }: Leaving,
): Promise<EngineError | null> {
  const { engine, store, clock, log } = deps;
  const all = await store.instancesRead(claim.id);
  const instances = all.filter((instance) => instance.ref === ref);
  if (instances.length === 0) return null;
  const reading = { ref, instances, isRunning, wanted: instancesKept(all) };
  let lines: InstanceLines[] | null = null;
  let fault: EngineError | null = null;
  lease.require();
  try {
    lines = await verbRunAs(
      (error) => error,
      READ_MS,
      engine.restarts === 'engine'
        ? (signal) => runsRead(engine.access, reading, signal)
        : (signal) => objectRead(engine.access, reading, signal),
    );
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const isGone = error.reason === 'container_missing';
    if (!isGone && claim.failures === 0) throw error;
    log.warn({ err: error, container: claim.id, ref }, 'the lines of a container are lost');
    fault = error;
  }
  await store.linesKeep(claim, ref, lines, clock.now());
  return fault;
}

/** What is read of an object. */
interface Reading extends Leaving {
  /** Of this object, oldest first. */
  instances: readonly RecordedInstance[];
  /** The numbers of those whose lines are wanted. */
  wanted: ReadonlySet<number>;
}

/** The engine keeps the lines of all runs of the object together. */
function objectRead(
  access: EngineAccess,
  { ref, instances, wanted, isRunning }: Reading,
  signal: AbortSignal,
): Promise<InstanceLines[]> {
  const object = instances[0]?.object ?? 0;
  return linesCollect(access.lines(ref, {}, signal), { object, instances, wanted, isRunning });
}

/**
 * The engine gives the lines of each run apart, and of the last ones only. Those of a run that could still write when they
 * were read are read again.
 */
async function runsRead(
  access: EngineAccess,
  { ref, instances, wanted, isRunning }: Reading,
  signal: AbortSignal,
): Promise<InstanceLines[]> {
  const read: InstanceLines[] = [];
  for (const instance of instances.filter(({ isKept, isCutOff }) => !isKept || isCutOff)) {
    const { number, object, startedAt } = instance;
    const isLast = instance === instances.at(-1);
    const collecting = {
      ...{ object, instances: [instance], wanted, isRunning: isRunning && isLast },
      wholeFrom: later(startedAt, FIRST_LINE_MS),
    };
    try {
      const parts = access.lines(ref, { run: startedAt }, signal);
      read.push(...(await linesCollect(parts, collecting)));
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason !== 'run_missing') throw error;
      read.push({ number, lines: null, count: 0, lostLines: null, isCutOff: false });
    }
  }
  return read;
}
