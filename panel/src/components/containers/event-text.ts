import { reasonText } from '../../lib/reasons.ts';
import type { FeedEvent } from '../../api/live-feed.ts';

/** What happened to a container, in a line. */
export interface EventDescription {
  text: string;
  /** The evidence of the server, such as the last lines of output. */
  detail: string | null;
  isFailure: boolean;
}

const FIELDS: Readonly<Record<string, string>> = {
  image: 'image',
  env: 'variables',
  command: 'command',
  ports: 'ports',
  volumes: 'volumes',
  pull_policy: 'pull policy',
  stop_grace_seconds: 'time to stop',
  init: 'init process',
};

export function eventDescribe({ type, object, previous_attributes }: FeedEvent): EventDescription {
  const reason = textOf(object['status_reason']);
  const message = textOf(object['status_message']);
  const isFailure = object['status'] === 'failed' || reason !== null;
  const verb = type.split('.')[1];
  if (verb === 'created') return { isFailure: false, text: 'Created', detail: null };
  if (verb === 'deleted') return { isFailure: false, text: 'Deleted', detail: null };
  if (verb === 'updated') {
    const changed = Object.keys(previous_attributes).flatMap((field) => FIELDS[field] ?? []);
    const what = changed.length === 0 ? 'Changed' : `Changed: ${changed.join(', ')}`;
    return { isFailure: false, text: what, detail: envNames(previous_attributes['env']) };
  }
  const wish = wishText(object, previous_attributes);
  if (wish !== null) return { isFailure: false, text: wish, detail: null };
  return { isFailure, text: statusText(object, previous_attributes, reason), detail: message };
}

/** What was asked for, if the event is of that. */
function wishText(
  object: FeedEvent['object'],
  previous: FeedEvent['previous_attributes'],
): string | null {
  if ('desired_status' in previous) {
    return object['desired_status'] === 'stopped' ? 'Stop requested' : 'Start requested';
  }
  return previous['restarting'] === false ? 'Restart requested' : null;
}

function statusText(
  object: FeedEvent['object'],
  previous: FeedEvent['previous_attributes'],
  reason: string | null,
): string {
  if (reason !== null) return reasonText(reason);
  if ('status' in previous) {
    const word = textOf(object['status']) ?? 'unknown';
    return word.replace(/^./, (one) => one.toUpperCase());
  }
  if ('observed_generation' in previous) {
    return `Version ${String(object['observed_generation'])} is in effect`;
  }
  if ('restarting' in previous || 'restart_count' in previous) return 'Restarted';
  if ('warnings' in previous) return 'Other warnings';
  if ('ipv6_address' in previous) return 'Got its address';
  return 'Status changed';
}

function envNames(changed: unknown): string | null {
  if (Array.isArray(changed)) return changed.join(', ');
  if (typeof changed !== 'object' || changed === null) return null;
  return Object.keys(changed).join(', ');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
