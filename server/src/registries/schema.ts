import { type Static, Type } from 'typebox';
import { idSchema, pageQuerySchema } from '../http/schema.ts';

const host = Type.String({
  minLength: 1,
  maxLength: 255,
  examples: ['registry.example.com'],
  description:
    "The registry's host, as in an image reference, with its port if that names one: `ghcr.io`, `registry.example.com:5000`; `docker.io` for Docker Hub.",
});

const pathPrefix = Type.String({
  maxLength: 255,
  pattern: '^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*)?$',
  fault: 'Must be the beginning of an image\'s path, such as "team" or "team/app", or empty.',
  examples: ['team'],
  description:
    'Only for images whose path begins with this, in whole parts: `team` is for `team/app`, and not for `teams/app`. Empty: for all. The credential with the longest prefix is used.',
});

const username = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '^[^:\\u0000-\\u001f\\u007f-\\u009f]+$',
  fault: 'Must have 1 to 255 characters, none of them a colon or a control character.',
  examples: ['deploy'],
  description: 'Who signs in to the registry.',
});

export const RegistryCreate = Type.Object(
  {
    host,
    path_prefix: Type.Optional(pathPrefix),
    username,
    secret: Type.String({
      minLength: 1,
      maxLength: 16_384,
      fault: 'Must have 1 to 16384 characters.',
      examples: ['a password or an access token'],
      description: 'The password or access token. It can not be read back.',
    }),
  },
  {
    additionalProperties: false,
    title: 'RegistryCreate',
    description: 'A credential for a private registry. It can be deleted, and not changed.',
  },
);
export type RegistryCreate = Static<typeof RegistryCreate>;

export const RegistryListQuery = pageQuerySchema({});

export const Registry = Type.Object(
  {
    id: idSchema('Never reused.'),
    org: Type.String({ description: "The org's slug." }),
    host,
    path_prefix: pathPrefix,
    username,
    secret_fingerprint: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description:
        'The same for the same secret in the same org, so that you can tell which secret is stored. The secret can not be found from it.',
    }),
    created_at: Type.String({ format: 'date-time', description: 'When it was created.' }),
  },
  {
    title: 'Registry',
    description: "A credential that the org's images are pulled with.",
    examples: [
      {
        id: 3,
        org: 'acme',
        host: 'registry.example.com',
        path_prefix: 'team',
        username: 'deploy',
        secret_fingerprint: '5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c',
        created_at: '2026-11-02T09:20:00.000Z',
      },
    ],
  },
);
export type Registry = Static<typeof Registry>;
