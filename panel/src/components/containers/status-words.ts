import type { ContainerRow } from '../../api/org-queries.ts';
import { reasonText } from '../../lib/reasons.ts';
import type { StatusLook } from '../ui/status-mark.tsx';

/** How a status looks, and in which words. */
export interface StatusShown {
  look: StatusLook;
  word: string;
  /** More about it, such as the roll-out of a change. */
  detail: string | null;
}

type Statused = Pick<
  ContainerRow,
  'status' | 'status_reason' | 'generation' | 'observed_generation'
>;

/** Whether the engine is still bringing a change about. */
export function isRollingOut(container: Statused): boolean {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  return status !== 'pending' && status !== 'stopped' && observed < generation && reason === null;
}

/** The status of a container in a word, and what else there is to know at a glance. */
export function containerStatusShow(container: Statused): StatusShown {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  const rollOut = isRollingOut(container) ? `rolling out ${observed} → ${generation}` : null;
  const kept =
    status === 'running' && reason !== null && observed < generation
      ? `change not applied: ${reasonText(reason).toLowerCase()}`
      : null;
  const word = { running: 'Running', pending: 'Pending', failed: 'Failed', stopped: 'Stopped' };
  const text = status === 'failed' && reason !== null ? reasonText(reason) : word[status];
  const isUnknown = status === 'running' && reason === 'engine_error' && observed === generation;
  if (isUnknown) return { look: 'unknown', word: 'Unknown', detail: 'the engine does not answer' };
  return { look: status, word: text, detail: rollOut ?? kept };
}
