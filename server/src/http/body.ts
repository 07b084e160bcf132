import type { FastifyInstance } from 'fastify';
import { ApiError, validationError } from '../base/errors.ts';
import { jsonParse } from './json-parse.ts';
import { isJsonInUtf8, isNotEncoded } from './media-type.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it was sent, for the hash of an Idempotency-Key. */
    bodyBytes: Buffer | null;
  }
}

/** The largest body, in bytes. */
export const BODY_LIMIT_BYTES = 1_048_576;

/** Bodies of other types are refused before they are read. */
const JSON_TYPE = /^application\/json\b/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON only: strict UTF-8, every key kept (`__proto__` is an ordinary name). */
export function bodyParserRegister(app: FastifyInstance): void {
  app.decorateRequest('bodyBytes', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = bytes as Buffer;
    request.bodyBytes = body;
    if (!isJsonInUtf8(request.headers['content-type'] ?? '')) {
      return done(mediaTypeUnsupported());
    }
    if (body.length === 0) return done(null, undefined);
    if (!isNotEncoded(request.headers['content-encoding'])) return done(encodingUnsupported());
    try {
      done(null, jsonParse(utf8.decode(body)));
    } catch {
      done(
        validationError({ body: ['Must be valid JSON in UTF-8.'] }, 'The body is not valid JSON.'),
      );
    }
  });
}

/**
 * A body of a type other than JSON. `application/merge-patch+json` is a different type: its rules for `null` differ.
 */
export function mediaTypeUnsupported(): ApiError {
  return new ApiError(
    'unsupported_media_type',
    'Send the body as JSON in UTF-8, with the header "Content-Type: application/json".',
    { headers: { accept: 'application/json' } },
  );
}

function encodingUnsupported(): ApiError {
  return new ApiError(
    'unsupported_media_type',
    'Send the body as it is, without the header Content-Encoding.',
    { headers: { 'accept-encoding': 'identity' } },
  );
}
