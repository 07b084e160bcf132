/** Hints that a container or a volume changed, from Docker's event stream and from pulls. */

import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEnd, EngineChange } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { Attended } from '../daemon/attended.ts';
import { hintsFollow } from '../../hints.ts';
import type { HintHub } from '../../hints.ts';
import { linesRead } from '../../lines.ts';
import { LABELS, networkDockerName, volumeNameParse } from '../base/names.ts';
import type { NameWaiters } from '../../name-waiters.ts';
import type { DockerContext } from '../base/options.ts';

const RECONNECT_FIRST_MS = 100;
const RECONNECT_LAST_MS = 5000;

const EVENTS = {
  type: ['container', 'network', 'volume'],
  event: ['create', 'start', 'die', 'oom', 'pause', 'unpause', 'destroy', 'disconnect'],
};

/** The events that starting a container causes. */
const BRING_UP_STEPS = new Set(['create', 'start']);

interface DockerEvent {
  Type: string;
  Action: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}

/**
 * Reads Docker's events as long as there is a listener, and passes them to the hub. A stream that ends is reopened,
 * with growing delays while that fails.
 */
async function followEvents(
  context: DockerContext,
  api: DockerApi,
  hub: HintHub,
  nameWaiters: NameWaiters,
  attended: Attended,
  onGap: () => void,
  signal: AbortSignal,
): Promise<void> {
  const networkPrefix = networkDockerName(context.installationId, 0).slice(0, -1);
  /** Network events name containers only by Docker's id. */
  const idByRef = new Map<string, number>();
  let waitMs = RECONNECT_FIRST_MS;
  let isAgain = false;

  function tellOf(event: DockerEvent): void {
    const attributes = event.Actor?.Attributes ?? {};
    if (event.Type === 'network') {
      const id = idByRef.get(attributes['container'] ?? '');
      if (id !== undefined && attributes['name']?.startsWith(networkPrefix)) {
        hub.tell('container', id);
      }
      return;
    }
    if (event.Type === 'volume') {
      const key = volumeNameParse(context.installationId, event.Actor?.ID ?? '');
      if (key !== null) hub.tell('volume', key.id);
      return;
    }
    if (attributes[LABELS.installation] !== context.installationId) return;
    const id = Number(attributes[LABELS.container]);
    if (!Number.isSafeInteger(id)) return;
    const ref = event.Actor?.ID ?? '';
    if (event.Action === 'destroy') idByRef.delete(ref);
    else idByRef.set(ref, id);
    const isAttended = BRING_UP_STEPS.has(event.Action) && attended.has(id);
    hub.tell('container', id, endOf(event), isAttended);
    if (event.Action === 'die' || event.Action === 'destroy') {
      for (const waiter of nameWaiters.take(id)) hub.tell('container', waiter);
    }
    if (event.Action === 'destroy') {
      // It has released them.
      for (const volume of attributes[LABELS.volumes]?.split(',') ?? []) {
        hub.tell('volume', Number(volume));
      }
    }
  }

  while (!signal.aborted) {
    try {
      const query = { filters: JSON.stringify(EVENTS) };
      const stream = await api.stream({ method: 'GET', path: '/events', query, signal });
      if (isAgain) onGap();
      // Waits only for the stream's own end. An abort destroys it.
      const stop = () => stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const line of linesRead(stream)) {
          waitMs = RECONNECT_FIRST_MS;
          tellOf(JSON.parse(line) as DockerEvent);
        }
      } finally {
        signal.removeEventListener('abort', stop);
        stream.destroy();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (waitMs === RECONNECT_FIRST_MS) {
        context.log.warn({ err: error }, 'the stream of Docker events broke and is opened again');
      }
    }
    isAgain = true;
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(2 * waitMs, RECONNECT_LAST_MS);
  }
}

/** What an event reports about its container's process. */
function endOf({ Action, Actor }: DockerEvent): ContainerEnd | null | undefined {
  if (Action === 'start') return null;
  if (Action !== 'die') return undefined;
  const exitCode = Number(Actor?.Attributes?.['exitCode'] ?? Number.NaN);
  return { ref: Actor?.ID ?? '', exitCode: Number.isSafeInteger(exitCode) ? exitCode : null };
}

/** Implements `Engine.changes`. */
export function changesWatch(
  context: DockerContext,
  api: DockerApi,
  hub: HintHub,
  nameWaiters: NameWaiters,
  attended: Attended,
  onGap: () => void,
  signal: AbortSignal,
): AsyncGenerator<EngineChange> {
  return hintsFollow(
    hub,
    (done) => followEvents(context, api, hub, nameWaiters, attended, onGap, done),
    signal,
  );
}
