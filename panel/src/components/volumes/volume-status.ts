import type { Volume } from '@dollarbox/client';
import { reasonText } from '../../lib/reasons.ts';
import type { StatusLook } from '../ui/status-mark.tsx';

/** How the status of a volume looks, and in which words. */
export function volumeStatusShow(volume: Volume): { look: StatusLook; word: string } {
  const { status, status_reason: reason } = volume;
  if (status === 'bound') return { look: 'running', word: 'Ready' };
  if (status === 'failed') {
    return { look: 'failed', word: reason === null ? 'Failed' : reasonText(reason) };
  }
  if (reason === 'waits_for_consumer') return { look: 'pending', word: 'Created at first use' };
  return { look: 'pending', word: 'Being created' };
}

/** What to do about a volume that failed; null while there is nothing to say. */
export function volumeAdvice({ status_reason: reason }: Volume): string | null {
  if (reason !== 'data_lost') return null;
  return 'Its data is gone from the host. It is never replaced by an empty volume: ask the operator to restore it, or delete it and create another.';
}
