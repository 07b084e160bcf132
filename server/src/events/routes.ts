import type { ApiDeps } from '../http/deps.ts';
import { validationError } from '../base/errors.ts';
import type { Role } from '../db/types.ts';
import { type Answer, type Call, type Route, routeDefine } from '../http/route.ts';
import { roleAllows } from '../changes/policy.ts';
import { pageSchema } from '../http/schema.ts';
import type { Membership } from '../tokens/store.ts';
import type { PlaceLimit } from '../base/places.ts';
import type { Subscription } from '../feed/feed.ts';
import type { LastingCaller } from '../feed/access.ts';
import {
  type StreamFormat,
  type StreamStep,
  streamAnswer,
  streamFormatOf,
  streamsFull,
} from '../http/stream.ts';
import {
  type EventCursor,
  type EventPosition,
  eventIdFormat,
  eventIdParse,
  isBehind,
} from '../feed/position.ts';
import { EVENT_CURSOR_FAULT, Event, EventListQuery } from './schema.ts';
import { eventShow } from './show.ts';
import * as store from './store.ts';
import { type EventRow, type EventsWanted, eventsEnd, eventsRead } from '../feed/store.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Streams of one org in one process. */
const MAX_FOLLOWERS = 50;

/** Objects that only some roles may read. Their events go to nobody else. */
const ROLE_OF_KIND: Readonly<Record<string, Role>> = {
  invitation: 'admin',
  kubectl_credential: 'admin',
};
/** Objects that the member whose they are may read, too. */
const OWN_KINDS: ReadonlySet<string> = new Set(['kubectl_credential']);

const eventList = routeDefine({
  operationId: 'eventList',
  method: 'GET',
  path: '/events/',
  tag: 'Events',
  summary: 'List or follow events',
  description:
    'The changes of the objects of one org, oldest first. With `Accept: text/event-stream` (or `application/x-ndjson`) the reply goes on with what happens from now on; `Last-Event-ID` or `?cursor=` resumes behind an event, and misses nothing. It begins with an `id` without data, by which a client that is cut off before the first event resumes. Every 15 seconds without an event there is a comment (an empty line). The last row is of type `end`, with a `reason`: `access_ended`, or `server_stopping`, after which a client connects again. Events are kept for 30 days, and 100 MiB of them for each org; a cursor from before that is answered 410 `cursor_expired`. Events of one object are in the order of its changes.',
  action: 'event.list',
  org: 'write',
  query: EventListQuery,
  cursorParse: eventIdParse,
  success: {
    status: 200,
    description: 'A page of events, or a stream.',
    schema: pageSchema(Event, 'oldest'),
    streamRow:
      'An event each, as in the list: its `type` is also the name of the row, and its `id` that of the row. The last row is `{"type": "end", "reason": …}`.',
  },
  errors: ['cursor_expired'],
  async handle(call, deps) {
    const org = orgOf(call);
    const cursor = cursorOf(call);
    const format = streamFormatOf(call.request.headers.accept);
    const wanted = wantedOf(call.query);
    tailCheck(call.query, cursor !== null || format !== null);
    if (format !== null) return follow(call, deps, { org, cursor, format, wanted });
    if (call.query.tail !== undefined) return tail(call, deps, org, wanted);
    const limit = Math.min(Number(call.query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
    const { feed, rows } = await store.eventList(deps.db, org.orgId, cursor, limit + 1, wanted);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      status: 200,
      body: {
        next: last === undefined ? null : nextUrl(deps, call, eventIdFormat(feed, last)),
        previous: null,
        results: visible(shown, org.role, call).map((row) => eventShow(row, feed, org.slug)),
      },
    };
  },
});

export const eventRoutes: readonly Route[] = [eventList];

function orgOf({ orgs }: Call): Membership {
  const [org] = orgs;
  if (org === undefined) throw new Error('a read of events without an org');
  return org;
}

/**
 * The event that the caller has seen last. A browser that reconnects repeats the URL, so the header wins.
 * @throws ApiError 400 if the header is no event's id. The parameter has been checked.
 */
function cursorOf(call: Call<unknown, EventListQuery>): EventCursor | null {
  const header = call.request.headers['last-event-id'];
  if (typeof header !== 'string' || header === '') return eventIdParse(call.query.cursor ?? '');
  const cursor = eventIdParse(header);
  if (cursor !== null) return cursor;
  throw validationError({ 'Last-Event-ID': [EVENT_CURSOR_FAULT] });
}

function wantedOf({ object }: EventListQuery): EventsWanted | null {
  if (object === undefined) return null;
  const [kind = '', id] = object.split(':');
  return { kind, id: id === undefined ? null : Number(id) };
}

/** @throws ApiError 400 if the newest events are asked for together with a place to start. */
function tailCheck({ tail }: EventListQuery, isStarted: boolean): void {
  if (tail === undefined || !isStarted) return;
  throw validationError({ tail: ['Can only be used for a list, and without a cursor.'] });
}

async function tail(
  call: Call<unknown, EventListQuery>,
  { db }: ApiDeps,
  org: Membership,
  wanted: EventsWanted | null,
): Promise<Answer> {
  const count = Math.min(Number(call.query.tail), MAX_LIMIT);
  const { feed, rows } = await store.eventTail(db, org.orgId, count, wanted);
  const results = visible(rows, org.role, call).map((row) => eventShow(row, feed, org.slug));
  return { status: 200, body: { next: null, previous: null, results } };
}

function nextUrl({ config }: ApiDeps, call: Call, cursor: string): string {
  const base = new URL(config.publicUrl);
  const asked = new URL(call.request.url, base);
  if (!asked.pathname.endsWith('/')) asked.pathname += '/';
  asked.searchParams.set('cursor', cursor);
  return `${base.origin}${base.pathname.replace(/\/$/, '')}${asked.pathname}${asked.search}`;
}

function visible(
  rows: readonly EventRow[],
  role: Role,
  { principal }: Pick<Call, 'principal'>,
): EventRow[] {
  const isOwn = ({ object }: EventRow) => object['user_id'] === principal.userId;
  return rows.filter((row) => {
    if (OWN_KINDS.has(row.object_kind) && isOwn(row)) return true;
    return roleAllows(role, ROLE_OF_KIND[row.object_kind] ?? 'member');
  });
}

interface Following {
  org: Membership;
  cursor: EventCursor | null;
  format: StreamFormat;
  wanted: EventsWanted | null;
}

function isWanted(row: EventRow, wanted: EventsWanted | null): boolean {
  if (wanted === null) return true;
  return row.object_kind === wanted.kind && (wanted.id === null || row.object_id === wanted.id);
}

async function follow(
  call: Call,
  deps: ApiDeps,
  { org, cursor, format, wanted }: Following,
): Promise<Answer> {
  const { db, events } = deps;
  const places: PlaceLimit[] = [[`event streams of org ${org.orgId}`, MAX_FOLLOWERS]];
  if (events.places.take(places) !== null) {
    throw streamsFull(`This org has ${MAX_FOLLOWERS} event streams`);
  }
  const { tokenId, sessionId } = call.principal;
  const caller: LastingCaller = { tokenId, sessionId, orgId: org.orgId };
  let subscription: Subscription | null = null;
  try {
    const opened = await events.subscribe({ orgId: org.orgId }, caller, { role: org.role });
    subscription = opened;
    if (cursor !== null) await store.eventList(deps.db, org.orgId, cursor, 0);
    const start = cursor ?? (await eventsEnd(db));
    let { feed }: EventCursor = start;
    let position: EventPosition = start;
    let hasMore = false;
    /** From the feed, which has read them for all followers; from the table where it does not have them at hand. */
    async function rowsRead(): Promise<readonly EventRow[]> {
      const taken = hasMore ? null : opened.eventsTake();
      if (taken !== null) return taken.filter((row) => isBehind(row, position));
      const page = await eventsRead(db, org.orgId, position, MAX_LIMIT);
      feed = page.feed;
      hasMore = page.rows.length === MAX_LIMIT;
      return page.rows;
    }
    async function next(): Promise<StreamStep> {
      const rows = await rowsRead();
      position = rows.at(-1) ?? position;
      const shown = visible(rows, opened.access().role, call).filter((row) =>
        isWanted(row, wanted),
      );
      const text = shown.map((row) => {
        const event = eventShow(row, feed, org.slug);
        return format.row(event.type, event.id, JSON.stringify(event));
      });
      return { text: text.join(''), hasMore };
    }
    return streamAnswer(
      { call, format, cursor: eventIdFormat(start.feed, start), subscription: opened, next },
      () => events.places.release(places),
    );
  } catch (error) {
    subscription?.close();
    events.places.release(places);
    throw error;
  }
}
