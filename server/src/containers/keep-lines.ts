import { EngineError } from '@dollarbox/engines/contract';
import { verbRunAs } from '@dollarbox/engines/verb-run';
import type { Claim } from '../reconciler/store.ts';
import type { Lease } from '../reconciler/turn.ts';
import type { ContainerKindDeps } from './kind-store.ts';
import { type InstanceLines, instancesKept, linesCollect } from './kept-lines.ts';

/** How long reading the lines of an object may take altogether, in milliseconds. */
const READ_MS = 8000;

/** An object that is about to be removed. */
interface Leaving {
  ref: string;
  /** Its process may still write. */
  isRunning: boolean;
}

/**
 * Keeps the last lines of an object that is about to be removed. A removal does not wait for ever: if the lines could not
 * be read in the turn before either, it is recorded that they are lost.
 * @returns why they are lost; null if they are not.
 * @throws EngineError if they can't be read and the next turn is to try again; LeaseLost; FenceLost.
 */
export async function linesKeep(
  { engine, store, clock, log }: ContainerKindDeps,
  claim: Claim,
  lease: Lease,
  { ref, isRunning }: Leaving,
): Promise<EngineError | null> {
  const all = await store.instancesRead(claim.id);
  const instances = all.filter((instance) => instance.ref === ref);
  const object = instances[0]?.object;
  if (object === undefined) return null;
  const wanted = instancesKept(all);
  const hasAllInstances = engine.restarts === 'reconciler';
  const collecting = { object, instances, wanted, hasAllInstances, isRunning };
  let lines: InstanceLines[] | null = null;
  let fault: EngineError | null = null;
  lease.require();
  try {
    lines = await verbRunAs(
      (error) => error,
      READ_MS,
      (signal) => linesCollect(engine.access.lines(ref, {}, signal), collecting),
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
