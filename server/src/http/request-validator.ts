import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { type FieldFaults, validationError } from '../errors.ts';
import { idempotencyKeyFaults } from './idempotency.ts';
import { cursorParse } from './pagination.ts';
import type { Endpoint } from './route.ts';
import { UNKNOWN_FIELD, faultAdd, validatorCompile } from './validate.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

/**
 * Makes what checks key, body, query and the endpoint's own rules together, so that every fault is told at once.
 * @throws ApiError 400
 */
export function requestValidatorMake(
  endpoint: Endpoint,
  deps: ApiDeps,
): (request: FastifyRequest) => { body: unknown; query: unknown } {
  const bodyValidator = validatorCompile(endpoint.body ?? NOTHING);
  const queryValidator = validatorCompile(endpoint.query ?? NOTHING);
  return (request) => {
    const { org, ...rest } = request.query as Record<string, unknown>;
    // Below `/api/v1` it has been acted on.
    const query = 'org' in endpoint || org === undefined ? rest : { ...rest, org };
    if (endpoint.body === undefined && isBodySent(request.body)) {
      throw validationError({ body: ['This request takes no body.'] });
    }
    const body = request.body === undefined ? {} : request.body;
    const faults: FieldFaults = {};
    // Account routes take no key.
    if ('org' in endpoint && endpoint.method === 'POST') {
      Object.assign(faults, idempotencyKeyFaults(request));
    }
    faultsMerge(faults, queryValidator(query).faults, 'Unknown query parameter.');
    if (typeof query['cursor'] === 'string' && cursorParse(query['cursor']) === null) {
      faultAdd(faults, 'cursor', 'Must be taken from "next" or "previous" as it is.');
    }
    const { faults: bodyFaults, bounded } = bodyValidator(body);
    faultsMerge(faults, bodyFaults, 'Unknown field.');
    if (endpoint.rules !== undefined && typeof bounded === 'object' && bounded !== null) {
      faultsMerge(
        faults,
        endpoint.rules(bounded as Record<string, unknown>, deps),
        'Unknown field.',
      );
    }
    if (Object.keys(faults).length > 0) throw validationError(faults);
    return { body, query };
  };
}

function faultsMerge(faults: FieldFaults, more: FieldFaults, unknownSentence: string): void {
  for (const [path, sentences] of Object.entries(more)) {
    for (const sentence of sentences) {
      const told = sentence === UNKNOWN_FIELD ? unknownSentence : sentence;
      faultAdd(faults, path === '' ? 'body' : path, told);
    }
  }
}

/** An empty object is as good as no body where none is needed. */
function isBodySent(body: unknown): boolean {
  if (body === undefined) return false;
  return (
    typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length > 0
  );
}
