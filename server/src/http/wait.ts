import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlaceLimit } from '../base/places.ts';
import type { LastingCaller } from '../feed/access.ts';
import type { Subscription } from '../feed/feed.ts';
import { ApiError } from '../base/errors.ts';
import { isDatabaseUnavailable } from '../db/database.ts';
import type { ApiDeps } from './deps.ts';
import { ifNoneMatch } from './etag.ts';
import { REPLAYED_HEADER } from './idempotency.ts';
import { type Answer, type Call, type Route, requestIsRead } from './route.ts';

/** The longest wait, in seconds. A longer one that is asked for is cut. */
const MAX_WAIT_SECONDS = 60;
const MAX_WAITS_PER_CALLER = 20;
const MAX_WAITS_PER_ORG = 100;

/**
 * The seconds of `wait` in a `Prefer` header (RFC 7240), at most 60.
 * @returns null if there is none, or it is malformed: a preference may be ignored.
 */
export function preferWaitParse(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',');
  for (const preference of preferences) {
    const match = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference);
    const seconds = Number(match?.[1] ?? 0);
    if (seconds > 0) return Math.min(seconds, MAX_WAIT_SECONDS);
  }
  return null;
}

/** Delays replies for clients that prefer to wait. */
export interface Waits {
  /**
   * Returns the reply once the object has settled or, if the client knows its present version, has changed; or as it is
   * at the end of the time. The write is committed before, and nothing is held meanwhile.
   * @param again checks the caller's access to an org again. @throws ApiError 401, 403, 404
   */
  answer(
    route: Route,
    call: Call,
    reply: FastifyReply,
    answer: Answer,
    again: (orgId: number) => Promise<unknown>,
  ): Promise<Answer>;
}

export function waitsCreate(deps: ApiDeps): Waits {
  const { places } = deps.events;

  return {
    async answer(route, call, reply, first, again) {
      const seconds = preferWaitParse(call.request.headers['prefer']);
      const { waits } = route;
      const [org] = call.orgs;
      if (seconds === null || waits === undefined || first.body === undefined) return first;
      const { id, org: slug } = first.body as { id: number; org: string };
      const own = call.orgs.find((candidate) => candidate.slug === slug) ?? org;
      if (own === undefined) return first;
      const { tokenId, sessionId } = call.principal;
      const limits: PlaceLimit[] = [
        [
          `waits of ${tokenId === null ? `session ${sessionId}` : `token ${tokenId}`}`,
          MAX_WAITS_PER_CALLER,
        ],
        [`waits of org ${own.orgId}`, MAX_WAITS_PER_ORG],
      ];
      if (places.take(limits) !== null) return first;
      const isOver = (answer: Answer) =>
        isChanged(call.request, answer) && (knows(call.request) || answer.isSettled === true);
      let subscription: Subscription | null = null;
      let isGone = false;
      try {
        reply.header('preference-applied', `wait=${seconds}`);
        if (isOver(first)) return first;
        const caller: LastingCaller = { tokenId, sessionId, orgId: own.orgId };
        const filter = { orgId: own.orgId, kind: waits.kind, objectId: id };
        const opened = await deps.events.subscribe(filter, caller, { role: own.role });
        subscription = opened;
        reply.raw.once('close', () => opened.close());
        const read = async (): Promise<Answer> => {
          try {
            const { status, headers = {} } = first;
            const found = await waits.read(id, { orgId: own.orgId, slug: own.slug }, deps);
            return { ...found, status, headers };
          } catch (error) {
            isGone = error instanceof ApiError && error.code === 'not_found';
            throw error;
          }
        };
        const ended = await wait(opened, seconds * 1000, {
          isOver,
          read,
          again: () => again(own.orgId),
        });
        // A client can rely on it: an early reply with this header means that the object has settled.
        if (ended.isCut) reply.removeHeader('preference-applied');
        return ended.answer;
      } catch (error) {
        // What was written is committed: its reply must not be lost because nobody can wait for more.
        // The same holds for the first reply to a request that is repeated after its object was deleted.
        const isReplayOfGone = isGone && first.headers?.[REPLAYED_HEADER] !== undefined;
        if (!isReplayOfGone && !isDatabaseUnavailable(error)) throw error;
        reply.removeHeader('preference-applied');
        return first;
      } finally {
        subscription?.close();
        places.release(limits);
      }
    },
  };
}

async function wait(
  subscription: Subscription,
  waitMs: number,
  {
    isOver,
    read,
    again,
  }: {
    isOver(answer: Answer): boolean;
    read(): Promise<Answer>;
    again(): Promise<unknown>;
  },
): Promise<{ answer: Answer; isCut: boolean }> {
  const end = performance.now() + waitMs;
  for (;;) {
    // Read after subscribing, so that no change is missed between the two.
    const answer = await read();
    const leftMs = end - performance.now();
    if (isOver(answer) || leftMs <= 0) return { answer, isCut: false };
    const wake = await subscription.next(leftMs);
    if (wake === 'access_ended') await again();
    if (wake !== 'changed') return { answer: await read(), isCut: wake !== 'timeout' };
  }
}

/** Whether the client says which version it has. */
function knows(request: FastifyRequest): boolean {
  return requestIsRead(request) && request.headers['if-none-match'] !== undefined;
}

/** Whether the object differs from the version that the client has. True if it does not say which. */
function isChanged(request: FastifyRequest, { version }: Answer): boolean {
  if (!knows(request) || version === undefined) return true;
  return !ifNoneMatch(request.headers['if-none-match'], version);
}
