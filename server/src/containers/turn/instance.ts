// The starts of a container's process, which are recorded so that the lines of each can be told from those of others.
import { EngineError } from '@dollarbox/engines/contract';
import { runsUnseen } from '../exits.ts';
import { linesKeep } from '../keep-lines.ts';
import type { NewInstance } from '../kind-store.ts';
import type { Turn } from './turn.ts';

/**
 * Records the start of the observed process, unless it is the one that was recorded last.
 * @throws EngineError with it not recorded if the lines of the process before can't be read, and the next turn is to try
 *   again.
 */
export async function turnInstanceRecord(turn: Turn): Promise<void> {
  const { lastInstance: last, observed } = turn;
  const { ref, startedAt, state } = observed ?? {};
  if (!observed || ref === undefined || startedAt === null || startedAt === undefined) return;
  // It was not removed after all, and may write more. If the engine did not confirm the end, that is not known yet.
  const isUp = state === 'running' && turn.state.stopRef !== ref && !turn.hasKept;
  const isRevived = last?.isKept === true && isUp;
  const isKnown = last?.ref === ref && +last.startedAt === +startedAt && !isRevived;
  if (isKnown || turn.state.deletedAt !== null) return;
  if (turn.deps.engine.restarts === 'reconciler') {
    return startRecord(turn, { ref, startedAt, isApart: false });
  }
  await formerLinesKeep(turn, ref);
  let { missed, startedAt: unseenAt } = runsUnseen(turn.countedExits, last, observed);
  if (unseenAt !== null) {
    // The engine has started one more process that has ended before anybody has looked.
    await startRecord(turn, { ref, startedAt: unseenAt, isApart: true, missed });
    missed = 0;
    await formerLinesKeep(turn, ref);
  }
  await startRecord(turn, { ref, startedAt, isApart: true, missed });
  const { count, last: lastExit } = observed.exits;
  const exitFinishedAt = lastExit?.finishedAt ?? null;
  turn.countedExits = { exitRef: ref, exitCount: count, exitFinishedAt };
}

async function startRecord(turn: Turn, instance: NewInstance): Promise<void> {
  const { ref, startedAt } = instance;
  const generation = turn.state.applied?.generation ?? turn.state.generation;
  await turn.deps.store.instanceRecord(turn.claim, generation, instance);
  turn.lastInstance = { ref, startedAt, isKept: false };
}

/** The engine has started the process of an object again, and will soon forget what the one before has written. */
async function formerLinesKeep(turn: Turn, ref: string): Promise<void> {
  const { lastInstance: last } = turn;
  if (last?.ref !== ref || last.isKept) return;
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
