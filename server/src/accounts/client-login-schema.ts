import { Type } from 'typebox';
import { displayNameSchema } from '../http/schema.ts';
import { closed, time } from './schema.ts';
import { NewToken, TokenCreate } from './token-schema.ts';

const { scope, org, expires_at: expiresAt } = TokenCreate.properties;
const client = displayNameSchema('What the person knows the program by; the name of the token.');
const userCode = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'The code that the program shows, in any case, with or without dashes.',
});
const secret = Type.String({ minLength: 1, maxLength: 100 });

export const ClientLoginBegin = Type.Object(
  { client, scope, org },
  { title: 'ClientLoginBegin', ...closed },
);

export const ClientLogin = Type.Object(
  {
    device_code: Type.String({ description: 'The secret that collects the token.' }),
    user_code: Type.String({
      description: 'What the person types: twelve consonants, 51 bits. Five wrong entries end it.',
    }),
    verification_uri: Type.String({ description: 'Where they type it.' }),
    verification_uri_complete: Type.String({ description: 'The same, with the code filled in.' }),
    expires_in: Type.Integer({ description: 'Seconds until it is over.' }),
    interval: Type.Integer({ description: 'Seconds to wait between two questions.' }),
  },
  {
    title: 'ClientLogin',
    description: 'A sign-in that waits for a person (RFC 8628, section 3.2).',
    examples: [
      {
        device_code: '0123456789abcdefghijABCDEFGHIJ0123456789abc',
        user_code: 'BCDF-GHJK-LMNP',
        verification_uri: 'https://box.example/device',
        verification_uri_complete: 'https://box.example/device?code=BCDF-GHJK-LMNP',
        ...{ expires_in: 600, interval: 5 },
      },
    ],
  },
);

export const ClientCodeEntry = Type.Object(
  { user_code: userCode },
  { title: 'ClientCodeEntry', ...closed },
);

export const ClientLoginShown = Type.Object(
  {
    client: Type.String({ description: 'What the program calls itself.' }),
    ip_address: Type.String({ description: 'The address that it asked from.' }),
    scope: Type.Enum(['read', 'write'], { description: 'What it asks to do.' }),
    org: Type.Union([Type.String(), Type.Null()], {
      description: 'Slug of the org that it asks to act in; null for all of yours.',
    }),
    created_at: time('When it asked, in UTC.'),
    expires_at: time('Until when it can be approved, in UTC.'),
  },
  {
    title: 'ClientLoginShown',
    description: 'A sign-in that waits for a person.',
    examples: [
      {
        ...{ client: 'dollarbox on laptop', ip_address: '192.0.2.7', scope: 'write', org: null },
        created_at: '2026-11-02T09:30:00.000Z',
        expires_at: '2026-11-02T09:40:00.000Z',
      },
    ],
  },
);

export const ClientLoginApprove = Type.Object(
  { user_code: userCode, scope, org, expires_at: expiresAt },
  { title: 'ClientLoginApprove', ...closed },
);

export const ClientLoginAuthorize = Type.Object(
  {
    client,
    redirect_uri: Type.String({
      pattern: '^http://(127\\.0\\.0\\.1|\\[::1\\]):[1-9][0-9]{0,4}/callback$',
      fault: 'Must be http://127.0.0.1:PORT/callback, or the same with [::1].',
      description: 'Where the program listens: on a port of its own machine.',
    }),
    state: Type.String({
      pattern: '^[0-9A-Za-z._~-]{1,200}$',
      fault: 'Must have 1 to 200 letters, digits or any of ._~-.',
      description: 'Comes back in the redirect, so that the program knows its own.',
    }),
    code_challenge: Type.String({
      pattern: '^[0-9A-Za-z_-]{43}$',
      fault: 'Must be a SHA-256 digest in base64url.',
      description: 'The digest of the verifier that collects the token: S256 of RFC 7636.',
    }),
    ...{ scope, org, expires_at: expiresAt },
  },
  { title: 'ClientLoginAuthorize', ...closed },
);

export const ClientLoginRedirect = Type.Object(
  { redirect_to: Type.String({ description: 'Where to send the browser.' }) },
  {
    title: 'ClientLoginRedirect',
    description: 'The way back to the program, with a code for it.',
    examples: [{ redirect_to: 'http://127.0.0.1:50123/callback?code=0123&state=abc' }],
  },
);

export const ClientLoginCollect = Type.Object(
  {
    device_code: Type.Optional(secret),
    code: Type.Optional(secret),
    code_verifier: Type.Optional(
      Type.String({
        pattern: '^[0-9A-Za-z._~-]{43,128}$',
        fault: 'Must have 43 to 128 letters, digits or any of ._~-.',
        description: 'With `code`: the verifier whose digest was sent (RFC 7636).',
      }),
    ),
  },
  { title: 'ClientLoginCollect', ...closed },
);

export const ClientLoginResult = Type.Object(
  {
    status: Type.Enum(['pending', 'refused', 'granted'], {
      description: '`pending`: ask again after the interval.',
    }),
    token: Type.Union([NewToken, Type.Null()], {
      description: 'When it is granted: the token, generated just now.',
    }),
  },
  {
    title: 'ClientLoginResult',
    description: 'What has become of a sign-in.',
    examples: [{ status: 'pending', token: null }],
  },
);
