import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from './deps.ts';
import { type FieldFaults, validationError } from '../base/errors.ts';
import { idempotencyKeyFaults } from './idempotency.ts';
import { cursorParse } from './pagination.ts';
import type { Endpoint } from './route.ts';
import { CURSOR_FAULT } from './schema.ts';
import { UNKNOWN_FIELD, faultAdd, validatorCompile } from './validate.ts';

const NOTHING = Type.Object({}, { additionalProperties: false });

/**
 * Creates the function that checks key, body, query and the endpoint's own rules together, so that all faults are
 * reported at once.
 * @throws ApiError 400
 */
export function requestValidatorCreate(
  endpoint: Endpoint,
  deps: ApiDeps,
): (request: FastifyRequest) => { body: unknown; query: unknown } {
  const bodyValidator = validatorCompile(endpoint.body ?? NOTHING);
  const queryValidator = validatorCompile(endpoint.query ?? NOTHING);
  return (request) => {
    const { org, ...rest } = request.query as Record<string, unknown>;
    // Below `/api/v1`, earlier checks have handled it.
    const query = 'org' in endpoint || org === undefined ? rest : { ...rest, org };
    if (endpoint.body === undefined && isBodySent(request.body)) {
      throw validationError({ body: ['This request takes no body.'] });
    }
    const body = request.body === undefined ? {} : request.body;
    const faults: FieldFaults = {};
    // Account routes accept no key.
    if ('org' in endpoint && endpoint.method === 'POST') {
      Object.assign(faults, idempotencyKeyFaults(request));
    }
    faultsMerge(
      faults,
      queryFaults(query, queryValidator(query).faults),
      'Unknown query parameter.',
    );
    const parse = endpoint.cursorParse ?? cursorParse;
    if (typeof query['cursor'] === 'string' && parse(query['cursor']) === null) {
      faultAdd(faults, 'cursor', CURSOR_FAULT);
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

/** A parameter that is sent twice is an array, which its own sentence does not say. */
function queryFaults(query: Record<string, unknown>, found: FieldFaults): FieldFaults {
  return Object.fromEntries(
    Object.entries(found).map(([name, sentences]) => {
      const isRepeated = Array.isArray(query[name]) && !sentences.includes(UNKNOWN_FIELD);
      return [name, isRepeated ? ['Must be given once.'] : sentences];
    }),
  );
}

function faultsMerge(faults: FieldFaults, more: FieldFaults, unknownSentence: string): void {
  for (const [path, sentences] of Object.entries(more)) {
    for (const sentence of sentences) {
      const text = sentence === UNKNOWN_FIELD ? unknownSentence : sentence;
      faultAdd(faults, path === '' ? 'body' : path, text);
    }
  }
}

/** An empty object counts as no body if no body is needed. */
function isBodySent(body: unknown): boolean {
  if (body === undefined) return false;
  return (
    typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length > 0
  );
}
