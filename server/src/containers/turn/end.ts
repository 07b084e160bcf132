// The end of a container's object, and of the processes in it: their lines are kept, their exits counted.
import { type ContainerObservation, EngineError } from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import { linesKeep } from '../keep-lines.ts';
import { exitsCount } from '../outcomes.ts';
import type { Step } from '../plan/step.ts';
import { turnInstanceRecord } from './instance.ts';
import { CLEAN_RECORD, type Turn } from './turn.ts';

const LOG_TAIL = { tailLines: 10, maxBytes: 2000 };

/** As the engine's verb: a signal, or if `graceMs` is 0, the removal of the object. */
export async function objectEnd(turn: Turn, ref: string, graceMs: number): Promise<void> {
  const { engine } = turn.deps;
  const isSignal = graceMs > 0;
  failpoint(isSignal ? 'stop.before' : 'remove.before');
  if (!isSignal || engine.restarts === 'engine') await objectLinesKeep(turn, ref);
  turn.lease.require();
  await engine.containers.end(ref, graceMs);
  failpoint(isSignal ? 'stop.after' : 'remove.after');
  if (isSignal) turn.learn({ stopRef: ref, stopRequestedAt: turn.now() });
  await turn.observe();
  if (turn.observed?.ref === ref) {
    if (isSignal && engine.restarts === 'engine') await startedMeanwhileKeep(turn, ref);
    return;
  }
  turn.hasRemoved = true;
  // A turn that had read the row before the restart was asked for may have recorded a delay.
  if (ref === turn.state.restartRef) turn.learn(CLEAN_RECORD);
}

/**
 * An engine that starts processes by itself may have done so after the turn had looked, and removes the object by itself
 * once it has ended: what that process has written is kept while it is still there.
 */
async function startedMeanwhileKeep(turn: Turn, ref: string): Promise<void> {
  const { startedAt = null } = turn.observed ?? {};
  const { lastInstance: last } = turn;
  if (startedAt === null) return;
  if (last?.ref === ref && +last.startedAt === +startedAt && last.isKept) return;
  await objectLinesKeep(turn, ref);
}

/** Before an object is removed: what its process wrote would be gone with it. */
async function objectLinesKeep(turn: Turn, ref: string): Promise<void> {
  const { containers } = turn.deps.engine;
  if (turn.state.deletedAt !== null || turn.observed?.ref !== ref) return;
  const { state } = turn.observed;
  let isRunning = state === 'running' || state === 'paused';
  if (isRunning && containers.kill !== undefined) {
    // It may still write until then.
    await containers.kill(ref);
    isRunning = false;
  }
  await turnInstanceRecord(turn);
  const fault = await linesKeep(turn.deps, turn.claim, turn.lease, { ref, isRunning });
  if (fault !== null) turn.giveUp(fault);
  turn.hasKept = true;
  if (turn.lastInstance?.ref === ref) turn.lastInstance = { ...turn.lastInstance, isKept: true };
  failpoint('keep.after');
}

export async function exitCount(
  turn: Turn,
  { observed, made }: Extract<Step, { do: 'countExit' }>,
): Promise<void> {
  const lines = await lastLines(turn, observed);
  if (made !== undefined) {
    turn.learn({ ...CLEAN_RECORD, applied: made, appliedRef: observed.ref });
  }
  turn.learn(exitsCount(turn.state, observed, lines, turn.now()));
  failpoint('exit.after');
}

/** The last lines, as evidence. A restart does not wait for them. @returns null if they are not available. */
async function lastLines(
  turn: Turn,
  { ref, exits: { last } }: ContainerObservation,
): Promise<string | null> {
  if (last === null || last.lastLines !== null) return last?.lastLines ?? null;
  const { startedAt } = last;
  const { deps, claim } = turn;
  try {
    const ofThisRun = startedAt === null ? {} : { since: startedAt };
    return await deps.engine.access.logs(ref, { ...LOG_TAIL, ...ofThisRun });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    turn.giveUp(error);
    deps.log.warn({ err: error, container: claim.id }, 'no last lines could be read');
    return null;
  }
}
