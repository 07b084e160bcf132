import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import { ApiError, errorEnvelope, serviceUnavailable, validationError } from '../errors.ts';

/** While something is away each request is refused alike: one line in so long tells, the metrics how many. */
const REFUSAL_TOLD_EVERY_MS = 10_000;
const refusalToldAtMs = new Map<string, number>();

/** Answers any error in the envelope. What isn't ours to tell is logged, with the request's id. */
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

/** Whether it is the request itself that broke: its client went away, or took too long. No reply reaches anyone then. */
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
    // Hooks have not run for what the router itself refused.
    .header('x-request-id', reply.request.id)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(errorEnvelope(error)));
}

/** Any thrown value as an error of the catalogue. */
function errorTranslate(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
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
      return new ApiError(
        'unsupported_media_type',
        'Send the body as JSON, with the header "Content-Type: application/json".',
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return validationError({ 'Content-Length': ['Must be the length of the body.'] });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return validationError({ path: ['Must be a well-formed URL path.'] });
    default:
      return null;
  }
}
