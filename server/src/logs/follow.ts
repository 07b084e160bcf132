import type { EngineAccess } from '@dollarbox/engines/contract';
import type { PlaceLimit } from '../base/places.ts';
import { serviceUnavailable } from '../base/errors.ts';
import type { Clock } from '../base/system.ts';
import type { LastingCaller } from '../feed/access.ts';
import type { Subscription } from '../feed/feed.ts';
import type { ApiDeps } from '../http/deps.ts';
import type { Answer, Call } from '../http/route.ts';
import { type StreamFormat, streamAnswer, streamsFull } from '../http/stream.ts';
import type { Membership } from '../tokens/store.ts';
import { type LinePlace, logCursorFormat } from './cursor.ts';
import type { LogFilter } from './filter.ts';
import { followerCreate } from './follower.ts';
import { type LogHubs, logHubsCreate } from './hub.ts';
import { keptLinesCreate } from './kept.ts';
import { type LogReadDeps, logSources } from './lines.ts';
import { logPageRead } from './read.ts';
import { type ContainerLogs, containerLogsRead } from './store.ts';

/** Streams of one container, and of all containers of an org, in one process. */
const MAX_PER_CONTAINER = 10;
const MAX_PER_ORG = 50;

/** The live logs of this process, by the way to the engine. */
const hubsOfAccess = new WeakMap<EngineAccess, LogHubs>();

function hubsOf(access: EngineAccess, clock: Clock): LogHubs {
  const hubs = hubsOfAccess.get(access) ?? logHubsCreate(access, clock);
  hubsOfAccess.set(access, hubs);
  return hubs;
}

interface Wanted {
  org: Membership;
  logs: ContainerLogs;
  /** Behind which line; null: how many of the last lines come first. */
  place: LinePlace | null;
  tail: number;
  format: StreamFormat;
  filter: LogFilter | null;
}

/** The place before the last lines that are wanted. Null: the beginning. */
async function placeBefore(
  deps: LogReadDeps,
  { logs, tail, filter }: Wanted,
): Promise<LinePlace | null> {
  const sources = logSources(logs.instances);
  // One more: the last lines begin behind it.
  const page = await logPageRead(deps, sources, {
    cursor: null,
    limit: tail + 1,
    filter: tail === 0 ? null : filter,
  });
  const first = page.items.find((item) => item.type === 'line');
  if (tail > 0 && page.items.length <= tail) return null;
  return first ?? null;
}

/** A reply that goes on with what the container writes. @throws ApiError 429, 503 */
export async function logFollow(call: Call, deps: ApiDeps, wanted: Wanted): Promise<Answer> {
  const { access, clock, events, db, secrets } = deps;
  const { logs, org, format, filter } = wanted;
  const { id } = logs;
  if (access === null) {
    throw serviceUnavailable("This server process can't reach the container engine.");
  }
  const limits: PlaceLimit[] = [
    [`log streams of container ${id}`, MAX_PER_CONTAINER],
    [`log streams of org ${org.orgId}`, MAX_PER_ORG],
  ];
  const full = events.places.take(limits);
  if (full !== null) {
    const isOwn = full === limits[0]?.[0];
    throw streamsFull(
      isOwn
        ? `This container has ${MAX_PER_CONTAINER} log streams`
        : `This org has ${MAX_PER_ORG} log streams`,
    );
  }
  const gone = new AbortController();
  // Also while it is found out where to begin.
  call.request.raw.once('close', () => gone.abort());
  const { tokenId, sessionId } = call.principal;
  const caller: LastingCaller = { tokenId, sessionId, orgId: org.orgId };
  const subject = { orgId: org.orgId, kind: 'container', objectId: id, isFollower: true } as const;
  let subscription: Subscription | null = null;
  try {
    const opened = await events.subscribe(subject, caller, { role: org.role });
    subscription = opened;
    const kept = keptLinesCreate(db, secrets, id);
    const reading = { access, kept, signal: gone.signal };
    const place = wanted.place ?? (await placeBefore(reading, wanted));
    const follower = followerCreate(
      {
        ...reading,
        hubs: hubsOf(access, clock),
        read: () => containerLogsRead(db, [org.orgId], id),
        wake: opened.wake,
      },
      place,
      format,
      filter,
    );
    const cursor = place === null ? null : logCursorFormat(place);
    return streamAnswer({ call, format, cursor, subscription: opened, next: follower.next }, () => {
      follower.close();
      gone.abort();
      events.places.release(limits);
    });
  } catch (error) {
    subscription?.close();
    gone.abort();
    events.places.release(limits);
    throw error;
  }
}
