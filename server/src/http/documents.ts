import type { FastifyInstance } from 'fastify';
import { authenticationFailed } from '../errors.ts';

/**
 * `/schema/` below the API: the OpenAPI document, for people who are signed in to the panel. There is no sign-in yet,
 * so nobody is let in; a token does not open it.
 */
export function documentsRegister(api: FastifyInstance): void {
  api.get('/schema/', async () => {
    throw authenticationFailed('The API schema is for people who are signed in to the panel.');
  });
}
