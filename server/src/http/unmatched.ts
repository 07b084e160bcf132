import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, notFound } from '../base/errors.ts';
import { errorAnswer } from './error-handler.ts';
import { type RateLimiter, anonymousAdmit } from './rate-limit.ts';
import type { Endpoint } from './route.ts';
import { pathDecoded, targetPath } from './target.ts';

/** Finds the methods of the API path that a URL names; empty if there is no such path. */
export type MethodsLookup = (url: string) => string[];

/** @param tables endpoints, and the prefix of their paths. */
export function methodsLookupCreate(
  tables: readonly { prefix: string; endpoints: readonly Endpoint[] }[],
): MethodsLookup {
  const known = tables.flatMap(({ prefix, endpoints }) =>
    endpoints.map((endpoint) => ({
      pattern: new RegExp(`^${prefix}${endpoint.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      methods: endpoint.method === 'GET' ? ['GET', 'HEAD'] : [endpoint.method],
    })),
  );
  return (url) => {
    const path = pathDecoded(targetPath(url)).replace(/\/?$/, '/');
    return known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
  };
}

/**
 * Refuses a request that no route matched, before its body is read.
 * @throws ApiError 405 if the path has other methods, else 404; 429 past the address's limit.
 */
export async function unmatchedRefuse(
  request: FastifyRequest,
  reply: FastifyReply,
  limiter: RateLimiter,
  methodsOf: MethodsLookup,
): Promise<never> {
  await anonymousAdmit(limiter, request, reply);
  const allowed = methodsOf(request.url);
  throw allowed.length > 0 ? methodNotAllowed(allowed) : notFound();
}

/** Answers a request whose URL the router could not parse. No hook has run for it. */
export async function urlRefuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  limiter: RateLimiter,
): Promise<void> {
  try {
    await anonymousAdmit(limiter, request, reply);
  } catch (refusal) {
    return errorAnswer(refusal, request, reply);
  }
  errorAnswer(error, request, reply);
}

/** A method that a path does not have. */
export function methodNotAllowed(allowed: readonly string[]): ApiError {
  const allow = allowed.join(', ');
  return new ApiError('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
}
