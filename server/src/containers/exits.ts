import type { ContainerObservation } from '@dollarbox/engines/contract';
import type { ContainerState } from './state.ts';

/**
 * How many exits of the observed object were not counted yet. An engine may remember only the last one: that one was
 * not counted yet if it ended at another time than the last one counted.
 */
export function exitsNew(
  state: Pick<ContainerState, 'exitRef' | 'exitCount' | 'exitFinishedAt'>,
  { ref, exits: { count, last } }: Pick<ContainerObservation, 'ref' | 'exits'>,
): number {
  if (last === null) return 0;
  if (state.exitRef !== ref) return count;
  const isOther = state.exitFinishedAt?.getTime() !== last.finishedAt.getTime();
  return Math.max(count - state.exitCount, isOther ? 1 : 0);
}

/** The runs of a process between the start that was recorded last and the observed one, in their order. */
export interface UnseenRuns {
  /** Runs of which nothing is known but their exits. */
  missed: number;
  /** The start of the one before the observed run; null: there was none, or it is not known. */
  startedAt: Date | null;
}

/**
 * What an engine that restarts processes says of the runs that nobody has seen. Its times may be in whole seconds: if that
 * leaves open whether the exit that was counted last was that of the recorded run, it was, since a gap too many is better
 * than one that is missing. Two runs that began in the same second are one.
 * @param counted what was counted when the last start was recorded.
 * @param recorded the start that was recorded last.
 */
export function runsUnseen(
  counted: Parameters<typeof exitsNew>[0],
  recorded: { ref: string; startedAt: Date } | null,
  observed: Pick<ContainerObservation, 'ref' | 'startedAt' | 'exits'>,
): UnseenRuns {
  const { ref, exits } = observed;
  const recordedMs = recorded?.ref === ref ? +recorded.startedAt : null;
  const formerAt = exits.last?.startedAt ?? null;
  if (formerAt !== null && +formerAt === recordedMs) return { missed: 0, startedAt: null };
  // The last exit is that of the former run, of the observed one, or of a start that has failed.
  const others = exitsNew(counted, observed) - 1;
  const countedMs = counted.exitRef === ref ? (counted.exitFinishedAt?.getTime() ?? null) : null;
  const isRecordedUp = recordedMs !== null && (countedMs === null || countedMs < recordedMs);
  const missed = Math.max(0, isRecordedUp ? others - 1 : others);
  const isObserved = formerAt?.getTime() === observed.startedAt?.getTime();
  const isNewer = formerAt !== null && (recordedMs === null || +formerAt > recordedMs);
  return { missed, startedAt: isNewer && !isObserved ? formerAt : null };
}
