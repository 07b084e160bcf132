import { EngineError } from '@dollarbox/engines/contract';
import { notFound, serviceUnavailable, validationError } from '../base/errors.ts';
import type { ApiDeps } from '../http/deps.ts';
import { momentRequire } from '../http/moment.ts';
import { type Call, type Route, pathId, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import type { Membership } from '../tokens/store.ts';
import { streamFormatOf } from '../http/stream.ts';
import { type LinePlace, logCursorFormat, logCursorParse } from './cursor.ts';
import { logFilterCreate } from './filter.ts';
import { logFollow } from './follow.ts';
import { keptLinesCreate } from './kept.ts';
import { logSources } from './lines.ts';
import { type LogPage, logPageRead } from './read.ts';
import { ContainerStats, LOG_CURSOR_FAULT, LogListQuery, LogRow } from './schema.ts';
import { logRowShow } from './show.ts';
import { statsRead } from './stats.ts';
import * as store from './store.ts';

const TAG = 'Containers';
const DEFAULT_ROWS = 200;
const MAX_ROWS = 1000;

const containerLogList = routeDefine({
  operationId: 'containerLogList',
  method: 'GET',
  path: '/containers/{id}/logs/',
  tag: TAG,
  summary: 'Read or follow the log',
  description:
    'What the process wrote to its standard output and error, oldest first: without a cursor, the last lines; `previous` leads to those before. A `cursor` identifies a line permanently: `?cursor=` continues after it, and neither skips nor repeats a line. Of each earlier start of the process the last MiB is kept, for the last 10 starts and the last one of each of the last 3 generations, until the container is deleted; an org has at most 100 MiB of it. Where lines were lost there is a row of type `gap`.\n\nWith `Accept: text/event-stream` (or `application/x-ndjson`) the reply begins with the last lines (`tail`) and goes on with what the process writes, over all its restarts and updates; `Last-Event-ID` or `?cursor=` resumes behind a line. Every 15 seconds without a row there is a comment (an empty line). The last row is of type `end`, with a `reason`: `deleted`, `access_ended`, or `server_stopping`, after which a client connects again. A container has at most 10 streams and an org 50; more are answered 429 `rate_limited`.',
  action: 'container.logs',
  org: 'read',
  query: LogListQuery,
  cursorParse: logCursorParse,
  success: {
    status: 200,
    description: 'A page of the log, or a stream.',
    schema: pageSchema(LogRow, 'oldest'),
    streamRow:
      'A row each, as in the list: its `type` is also the name of the row, and its `cursor` the id of a line. A row of type `gap` has no id. The last row is `{"type": "end", "reason": …}`.',
  },
  errors: ['not_found'],
  async handle(call, deps) {
    for (const field of ['since', 'until'] as const) momentRequire(field, call.query[field]);
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const logs = id === null ? null : await store.containerLogsRead(deps.db, orgIds, id);
    const org = orgOf(call, logs?.orgId);
    if (logs === null) throw notFound();
    const { cursor: asked, tail, limit } = call.query;
    const cursor = asked === undefined ? null : logCursorParse(asked);
    const filter = logFilterCreate(call.query);
    const format = streamFormatOf(call.request.headers.accept);
    if (format !== null) {
      const place = cursorOf(call);
      const wanted = { org, logs, place, tail: rowsOf(tail), format, filter };
      return logFollow(call, deps, wanted).catch(engineAway);
    }
    const kept = keptLinesCreate(deps.db, deps.secrets, logs.id);
    const from = { access: deps.access, kept, signal: abortedWith(call) };
    const reading = logPageRead(from, logSources(logs.instances), {
      cursor,
      limit: rowsOf(cursor === null ? tail : limit),
      filter,
    });
    const page = await reading.catch(engineAway);
    return {
      status: 200,
      headers: { 'x-dollarbox-org': org.slug },
      body: { ...linksOf(deps, call, page), results: page.items.map(logRowShow) },
    };
  },
});

const containerStatsRead = routeDefine({
  operationId: 'containerStatsRead',
  method: 'GET',
  path: '/containers/{id}/stats/',
  tag: TAG,
  summary: "Read a container's usage",
  description:
    'What the container uses at the moment, as the engine measures it: memory, processor time, network, processes, disk. Values that are not known, such as those of a container that does not run, are `null`.',
  action: 'container.stats',
  org: 'read',
  success: { status: 200, description: 'The usage.', schema: ContainerStats },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const object = id === null ? null : await store.containerObjectRead(deps.db, orgIds, id);
    const org = orgOf(call, object?.orgId);
    if (object === null) throw notFound();
    return {
      status: 200,
      headers: { 'x-dollarbox-org': org.slug },
      body: await statsRead(deps, object),
    };
  },
});

export const logRoutes: readonly Route[] = [containerLogList, containerStatsRead];

/** The org of a container that was found. @throws ApiError 404 if none was found */
function orgOf({ orgs }: Call, orgId: number | undefined): Membership {
  const org = orgs.find((candidate) => candidate.orgId === orgId);
  if (org === undefined) throw notFound();
  return org;
}

/**
 * The line that the caller has seen last. A browser that reconnects repeats the URL, so the header wins.
 * @throws ApiError 400 if the header is no cursor of a line. The parameter has been checked.
 */
function cursorOf({ request, query }: Call<unknown, LogListQuery>): LinePlace | null {
  const header = request.headers['last-event-id'];
  if (typeof header !== 'string' || header === '') return logCursorParse(query.cursor ?? '');
  const cursor = logCursorParse(header);
  if (cursor !== null) return cursor;
  throw validationError({ 'Last-Event-ID': [LOG_CURSOR_FAULT] });
}

function rowsOf(asked: string | undefined): number {
  return asked === undefined ? DEFAULT_ROWS : Math.min(Number(asked), MAX_ROWS);
}

/** Ends with the request's connection. */
function abortedWith({ request }: Pick<Call, 'request'>): AbortSignal {
  const gone = new AbortController();
  request.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** @throws ApiError 503 if the engine can't be reached. */
function engineAway(error: unknown): never {
  if (!(error instanceof EngineError)) throw error;
  throw serviceUnavailable(`The log can't be read just now. ${error.message}`, error);
}

/** Absolute URLs that keep every other query parameter. */
function linksOf(
  { config }: ApiDeps,
  { request }: Call,
  { items, hasOlder, hasNewer }: LogPage,
): { next: string | null; previous: string | null } {
  const { origin } = new URL(config.publicUrl);
  const asked = new URL(request.url, config.publicUrl);
  if (!asked.pathname.endsWith('/')) asked.pathname += '/';
  const link = (cursor: string): string => {
    asked.searchParams.set('cursor', cursor);
    return `${origin}${asked.pathname}${asked.search}`;
  };
  const lines = items.filter((item) => item.type === 'line');
  const [first, last] = [lines[0], lines.at(-1)];
  return {
    next: hasNewer && last !== undefined ? link(logCursorFormat(last)) : null,
    previous: hasOlder && first !== undefined ? link(logCursorFormat(first, true)) : null,
  };
}
