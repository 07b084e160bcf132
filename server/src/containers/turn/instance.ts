// The starts of a container's process, which are recorded so that the lines of each can be told from those of others.
import { EngineError } from '@dollarbox/engines/contract';
import { linesKeep } from '../keep-lines.ts';
import type { Turn } from './turn.ts';

/**
 * Records the start of the observed process, unless it is the one that was recorded last.
 * @throws EngineError with nothing recorded if the lines of the process before can't be read, and the next turn is to try
 *   again.
 */
export async function turnInstanceRecord(turn: Turn): Promise<void> {
  const { lastInstance: last, claim, deps } = turn;
  const { ref, startedAt, state } = turn.observed ?? {};
  if (ref === undefined || startedAt === null || startedAt === undefined) return;
  // It was not removed after all, and may write more. If the engine did not confirm the end, that is not known yet.
  const isUp = state === 'running' && turn.state.stopRef !== ref && !turn.hasKept;
  const isRevived = last?.isKept === true && isUp;
  const isKnown = last?.ref === ref && +last.startedAt === +startedAt && !isRevived;
  if (isKnown || turn.state.deletedAt !== null) return;
  const isApart = deps.engine.restarts === 'engine';
  if (isApart && last?.ref === ref && !last.isKept) await formerLinesKeep(turn, ref);
  const generation = turn.state.applied?.generation ?? turn.state.generation;
  await deps.store.instanceRecord(claim, generation, { ref, startedAt, isApart });
  turn.lastInstance = { ref, startedAt, isKept: false };
}

/** The engine has started the process of an object again, and will soon forget what the one before has written. */
async function formerLinesKeep(turn: Turn, ref: string): Promise<void> {
  const fault = await linesKeep(turn.deps, turn.claim, turn.lease, { ref, isRunning: false });
  if (fault !== null) turn.giveUp(fault);
}

/** As `turnInstanceRecord`, at the end of a turn that has failed. */
export async function failedTurnInstanceRecord(turn: Turn): Promise<void> {
  try {
    await turnInstanceRecord(turn);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // The next turn records it.
    turn.giveUp(error);
  }
}
