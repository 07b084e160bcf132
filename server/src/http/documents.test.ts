import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { documentsRegister } from './documents.ts';
import { errorAnswer } from './error-handler.ts';

test('the schema is closed to everyone, tokens included', async () => {
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
  app.setErrorHandler(errorAnswer);
  await app.register(async (api) => documentsRegister(api), { prefix: '/api/v1' });
  for (const headers of [{}, { authorization: 'Bearer dbx_x' }]) {
    for (const url of ['/api/v1/schema/', '/api/v1/schema']) {
      const reply = await app.inject({ url, headers });
      assert.equal(reply.statusCode, 401);
      assert.equal(reply.headers['www-authenticate'], 'Bearer');
      assert.equal(reply.json<{ error: { code: string } }>().error.code, 'authentication_failed');
    }
  }
});
