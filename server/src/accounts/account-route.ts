import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { ApiDeps } from '../http/deps.ts';
import { reauthenticationRequired } from '../base/errors.ts';
import type { Answer, Endpoint } from '../http/route.ts';
import { type SessionRecord, proofIsFresh } from '../sessions/session-store.ts';

/** The arguments of an account route's handler. */
export interface AccountCall<Body = unknown> {
  params: Record<string, string>;
  body: Body;
  requestId: string;
  request: FastifyRequest;
}

/** The arguments of a handler for a signed-in person. */
export interface SessionCall<Body = unknown> extends AccountCall<Body> {
  session: SessionRecord;
  /** The definition of the route. */
  proof: ProofRule;
}

/** Whether a route requires a recent proof of identity: never, always, or if two-factor authentication is on. */
type ProofRule = 'never' | 'always' | 'with_two_factor';

/** An endpoint of `/api/account` that needs a session. */
interface SessionRoute extends Endpoint {
  access: 'session';
  proof?: ProofRule;
  handle(call: SessionCall, deps: ApiDeps): Promise<Answer>;
}

/** An endpoint of `/api/account` that needs no session, only a same-origin request. */
interface OpenRoute extends Endpoint {
  access: 'open';
  handle(call: AccountCall, deps: ApiDeps): Promise<Answer>;
}

/** An endpoint of `/api/account` for programs: it needs no session and reads no cookie, so any origin may send it. */
interface ClientRoute extends Endpoint {
  access: 'client';
  handle(call: AccountCall, deps: ApiDeps): Promise<Answer>;
}

/** One endpoint of `/api/account` as data. */
export type AccountRoute = SessionRoute | OpenRoute | ClientRoute;

type Defined<R extends Endpoint, Call, B extends TSchema> = Omit<
  R,
  'access' | 'body' | 'handle'
> & {
  body?: B;
  handle(call: Call, deps: ApiDeps): Promise<Answer>;
};

/** Defines a route for signed-in people, with the type of its body. */
export function sessionRouteDefine<B extends TSchema>(
  route: Defined<SessionRoute, SessionCall<Static<B>>, B>,
): AccountRoute {
  return { ...route, access: 'session' } as unknown as AccountRoute;
}

/** Defines a route for anyone, with the type of its body. */
export function openRouteDefine<B extends TSchema>(
  route: Defined<OpenRoute, AccountCall<Static<B>>, B>,
): AccountRoute {
  return { ...route, access: 'open' } as unknown as AccountRoute;
}

/** Defines a route for programs, with the type of its body. */
export function clientRouteDefine<B extends TSchema>(
  route: Defined<ClientRoute, AccountCall<Static<B>>, B>,
): AccountRoute {
  return { ...route, access: 'client' } as unknown as AccountRoute;
}

/** @throws ApiError 403 if the route requires a recent proof of identity and there is none. */
export function proofRequire(
  rule: ProofRule,
  session: Pick<SessionRecord, 'provenAt' | 'hasTwoFactor'>,
  now: Date,
): void {
  if (rule === 'never' || (rule === 'with_two_factor' && !session.hasTwoFactor)) return;
  if (proofIsFresh(session, now)) return;
  throw reauthenticationRequired();
}
