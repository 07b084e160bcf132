import type { FastifyInstance } from 'fastify';
import { validationError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it was sent, for the hash of an Idempotency-Key. */
    bodyBytes: Buffer | null;
  }
}

/** The largest body, in bytes. */
export const BODY_LIMIT_BYTES = 1_048_576;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|\s*$)/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON and nothing else: strict UTF-8, every key kept (`__proto__` is a name like any other). */
export function bodyParserRegister(app: FastifyInstance): void {
  app.decorateRequest('bodyBytes', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = bytes as Buffer;
    request.bodyBytes = body;
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(utf8.decode(body)));
    } catch {
      done(
        validationError({ body: ['Must be valid JSON in UTF-8.'] }, 'The body is not valid JSON.'),
      );
    }
  });
}
