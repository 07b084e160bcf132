import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseFull, isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import { DomainError } from '../base/domain-error.ts';
import { ApiError, errorEnvelope, serviceUnavailable, validationError } from '../base/errors.ts';
import { mediaTypeUnsupported } from './body.ts';
import { domainErrorTranslate } from './domain-errors.ts';

/**
 * While a dependency is unavailable, every request fails the same way: log one line per interval; the metrics count
 * them.
 */
const REFUSAL_TOLD_EVERY_MS = 10_000;
const refusalToldAtMs = new Map<string, number>();

/** Answers any error in the envelope. Errors whose cause clients must not see are logged with the request's id. */
export function errorAnswer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (isCutOff(error, request)) {
    request.log.debug('the request was not sent whole');
    errorSend(reply, validationError({ body: ['Was not sent whole.'] }));
    return;
  }
  const known = errorTranslate(error);
  if (known.status >= 500) {
    request.log[known.code === 'internal_error' ? 'error' : refusalLevel(known.message)](
      { err: known.cause ?? error },
      known.message,
    );
  }
  errorSend(reply, known);
}

/** Whether the request itself failed: its client disconnected, or took too long. A reply would not reach anyone. */
function isCutOff(error: unknown, request: FastifyRequest): boolean {
  return error instanceof Error && request.raw.errored === error;
}

function refusalLevel(message: string): 'warn' | 'debug' {
  const nowMs = performance.now();
  if (nowMs - (refusalToldAtMs.get(message) ?? -Infinity) < REFUSAL_TOLD_EVERY_MS) return 'debug';
  refusalToldAtMs.set(message, nowMs);
  return 'warn';
}

function errorSend(reply: FastifyReply, error: ApiError): void {
  void reply
    .code(error.status)
    .headers(error.headers)
    // Hooks have not run for requests that the router itself refused.
    .header('x-request-id', reply.request.id)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(errorEnvelope(error)));
}

/** Converts any thrown value to an error of the catalogue. */
function errorTranslate(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DomainError) return domainErrorTranslate(error);
  if (isDatabaseFull(error)) {
    return serviceUnavailable(
      "The disk of the server's database is full, so nothing can be stored: tell the operator.",
      error,
    );
  }
  if (isDatabaseUnavailable(error)) {
    return serviceUnavailable(
      'The database is not reachable just now: try again in a moment.',
      error,
    );
  }
  if (isTransactionConflict(error)) {
    return serviceUnavailable('Another request was in the way: try again.', error);
  }
  return (
    frameworkTranslate(error) ??
    new ApiError(
      'internal_error',
      'Something went wrong on our side. Tell the operator the X-Request-Id of this reply.',
      { cause: error },
    )
  );
}

function frameworkTranslate(error: unknown): ApiError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  switch ((error as FastifyError).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError('payload_too_large', 'The body is larger than 1 MiB.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return mediaTypeUnsupported();
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return validationError({ 'Content-Length': ['Must be the length of the body.'] });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return validationError({ path: ['Must be a well-formed URL path.'] });
    default:
      return null;
  }
}
