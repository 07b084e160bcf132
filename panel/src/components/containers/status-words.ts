import type { ContainerRow } from '../../api/org-queries.ts';
import { reasonText } from '../../lib/reasons.ts';
import type { StatusLook } from '../ui/status-mark.tsx';

/** How a status looks, and in which words. */
export interface StatusShown {
  look: StatusLook;
  word: string;
  /** What was asked for and has not come about, in a word or two. */
  wish: string | null;
  /** More about it, such as the roll-out of a change. */
  detail: string | null;
}

type Statused = Pick<
  ContainerRow,
  | 'status'
  | 'status_reason'
  | 'generation'
  | 'observed_generation'
  | 'desired_status'
  | 'restarting'
>;

/** Whether the engine is still bringing a change about. */
export function isRollingOut(container: Statused): boolean {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  const isToRun =
    container.desired_status === 'running' && !['pending', 'stopped'].includes(status);
  return isToRun && observed < generation && reason === null;
}

/** What was asked for and has not come about; a change of the spec apart. */
export function wishOf({
  status,
  desired_status: desired,
  restarting,
}: Pick<Statused, 'status' | 'desired_status' | 'restarting'>):
  | 'stop'
  | 'start'
  | 'restart'
  | null {
  if (desired === 'stopped') return status === 'stopped' ? null : 'stop';
  if (status === 'pending') return 'start';
  return restarting ? 'restart' : null;
}

const WISHES = { stop: 'stopping…', start: 'starting…', restart: 'restarting…' };

/** The status of a container in a word, and what else there is to know at a glance. */
export function containerStatusShow(container: Statused): StatusShown {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  const rollOut = isRollingOut(container) ? `rolling out ${observed} → ${generation}` : null;
  const kept =
    status === 'running' && reason !== null && observed < generation
      ? `change not applied: ${reasonText(reason).toLowerCase()}`
      : null;
  const later =
    status === 'stopped' && observed > 0 && observed < generation
      ? `version ${generation} from the next start on`
      : null;
  const wished = wishOf(container);
  const wish = wished && WISHES[wished];
  const word = { running: 'Running', pending: 'Pending', failed: 'Failed', stopped: 'Stopped' };
  const text = status === 'failed' && reason !== null ? reasonText(reason) : word[status];
  const isUnknown = status === 'running' && reason === 'engine_error' && observed === generation;
  if (isUnknown) {
    return { look: 'unknown', word: 'Unknown', wish, detail: 'the engine does not answer' };
  }
  return { look: status, word: text, wish, detail: rollOut ?? kept ?? later };
}
