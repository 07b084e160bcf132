import type { JsonObject } from './openapi-schemas.ts';

const text = (description: string, example: string): JsonObject => ({
  description,
  schema: { type: 'string' },
  example,
});

/** Every reply header that the documents describe. */
export const REPLY_HEADERS: Readonly<Record<string, JsonObject>> = {
  'X-Request-Id': {
    ...text(
      'Names this request in our logs; the one that you sent, if it was valid.',
      '0b7e4c1e-3f0a-4a52-9d5c-6f1f0d6a2a11',
    ),
    required: true,
  },
  'X-Dollarbox-Org': text('The one org that the request acted in.', 'acme'),
  'RateLimit-Policy': text('What is allowed: `q` requests in `w` seconds.', '"default";q=600;w=60'),
  RateLimit: text('What is left: `r` requests, for `t` seconds.', '"default";r=597;t=42'),
  ETag: {
    ...text('The version of the object: `"<generation>.<revision>"`. Treat it as opaque.', '"1.4"'),
    required: true,
  },
  Location: {
    ...text('Where the new object is.', 'https://dollarbox.example/api/v1/containers/17/'),
    required: true,
  },
  'Idempotency-Replayed': {
    description: 'Present if this repeats an earlier reply.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Preference-Applied': text('Present if the reply waited, as `Prefer` asked.', 'wait=30'),
  'Retry-After': {
    description: 'Seconds to wait before the next try.',
    schema: { type: 'integer', minimum: 0 },
    example: 2,
  },
  'WWW-Authenticate': {
    ...text('How to authenticate (RFC 9110, section 11.6.1).', 'Bearer'),
    required: true,
  },
  Allow: {
    ...text('The methods that the path supports.', 'GET, HEAD, POST'),
    required: true,
  },
};

/** Headers that any reply may have. */
export const COMMON_HEADERS: readonly string[] = [
  'X-Request-Id',
  'X-Dollarbox-Org',
  'RateLimit-Policy',
  'RateLimit',
];

/** References to headers by name. */
export function headersShow(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
