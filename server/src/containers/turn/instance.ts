// The starts of a container's process, which are recorded so that the lines of each can be told from those of others.
import type { Turn } from './turn.ts';

/** Records the start of the observed process, unless it is the one that was recorded last. */
export async function turnInstanceRecord(turn: Turn): Promise<void> {
  const { lastInstance: last, claim } = turn;
  const { ref, startedAt, state } = turn.observed ?? {};
  if (ref === undefined || startedAt === null || startedAt === undefined) return;
  // It was not removed after all, and may write more. If the engine did not confirm the end, that is not known yet.
  const isUp = state === 'running' && turn.state.stopRef !== ref && !turn.hasKept;
  const isRevived = last?.isKept === true && isUp;
  const isKnown = last?.ref === ref && +last.startedAt === +startedAt && !isRevived;
  if (isKnown || turn.state.deletedAt !== null) return;
  const generation = turn.state.applied?.generation ?? turn.state.generation;
  await turn.deps.store.instanceRecord(claim, generation, { ref, startedAt });
  turn.lastInstance = { ref, startedAt, isKept: false };
}
