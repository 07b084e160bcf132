import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Answer, Endpoint } from '../http/route.ts';
import { type SessionRecord, proofIsFresh } from './session-store.ts';

/** What a handler of an account route is called with. */
export interface AccountCall<Body = unknown> {
  params: Record<string, string>;
  body: Body;
  requestId: string;
  request: FastifyRequest;
}

/** The same, of someone who is signed in. */
export interface SessionCall<Body = unknown> extends AccountCall<Body> {
  session: SessionRecord;
  /** The route's own. */
  proof: ProofRule;
}

/** When a route asks for a proof of the last minutes: never, each time, or of those who have a second factor. */
type ProofRule = 'never' | 'always' | 'with_two_factor';

/** An endpoint of `/api/account` that needs a session. */
interface SessionRoute extends Endpoint {
  access: 'session';
  proof?: ProofRule;
  handle(call: SessionCall, deps: ApiDeps): Promise<Answer>;
}

/** An endpoint of `/api/account` for anyone who comes from a page of ours. */
interface OpenRoute extends Endpoint {
  access: 'open';
  handle(call: AccountCall, deps: ApiDeps): Promise<Answer>;
}

/** One endpoint of `/api/account` as data. */
export type AccountRoute = SessionRoute | OpenRoute;

type Defined<R extends Endpoint, Call, B extends TSchema> = Omit<
  R,
  'access' | 'body' | 'handle'
> & {
  body?: B;
  handle(call: Call, deps: ApiDeps): Promise<Answer>;
};

/** Gives a route for the signed-in the type of its body. */
export function sessionRouteDefine<B extends TSchema>(
  route: Defined<SessionRoute, SessionCall<Static<B>>, B>,
): AccountRoute {
  return { ...route, access: 'session' } as unknown as AccountRoute;
}

/** Gives a route for anyone the type of its body. */
export function openRouteDefine<B extends TSchema>(
  route: Defined<OpenRoute, AccountCall<Static<B>>, B>,
): AccountRoute {
  return { ...route, access: 'open' } as unknown as AccountRoute;
}

/** @throws ApiError 403 when a route's rule asks for a proof, and there was none lately. */
export function proofRequire(
  rule: ProofRule,
  session: Pick<SessionRecord, 'provenAt' | 'hasTwoFactor'>,
  now: Date,
): void {
  if (rule === 'never' || (rule === 'with_two_factor' && !session.hasTwoFactor)) return;
  if (proofIsFresh(session, now)) return;
  throw new ApiError(
    'reauthentication_required',
    'Confirm that it is you: enter your password again, or use your passkey.',
  );
}
