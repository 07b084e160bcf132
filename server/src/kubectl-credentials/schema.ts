import { type Static, Type } from 'typebox';
import { displayNameSchema, idSchema, pageQuerySchema } from '../http/schema.ts';

export const KubectlCredentialListQuery = pageQuerySchema({
  all: Type.Optional(
    Type.Enum(['true', 'false'], {
      fault: 'Must be true or false.',
      shownAs: { type: 'boolean', default: false },
      description: "Also other members' credentials, for admins and owners.",
    }),
  ),
});
export type KubectlCredentialListQuery = Static<typeof KubectlCredentialListQuery>;

export const KubectlCredentialCreate = Type.Object(
  {
    name: Type.Optional(displayNameSchema('What it is for.')),
    expires_in: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 31_536_000,
        fault: 'Must be a number of seconds from 60 to 31536000 (a year).',
        description:
          'In how many seconds it ends by itself. Not given: when it is revoked. Those of an hour or less are counted apart.',
      }),
    ),
  },
  { title: 'KubectlCredentialCreate', additionalProperties: false },
);
export type KubectlCredentialCreate = Static<typeof KubectlCredentialCreate>;

const moment = (description: string) => Type.String({ format: 'date-time', description });

const FIELDS = {
  id: idSchema('Never reused.'),
  org: Type.String({ description: "The org's slug." }),
  name: Type.Union([Type.String(), Type.Null()], {
    description: 'What it is for; `null` if nobody said.',
  }),
  email: Type.String({ description: 'Of the member that it acts for.' }),
  sa_name: Type.String({ description: 'What the cluster calls it.' }),
  created_at: moment('When it was created.'),
  expires_at: Type.Union([moment(''), Type.Null()], {
    description: 'When it ends by itself; `null`: when it is revoked.',
  }),
  rotated_at: moment('When its token was issued: always `created_at`.'),
  last_downloaded_at: moment('When its kubeconfig was shown, once: always `created_at`.'),
};

const EXAMPLE = {
  id: 8,
  org: 'acme',
  name: 'laptop',
  email: 'ada@example.com',
  sa_name: 'kubectl-5f1c0a8d9b3e7c6a',
  created_at: '2026-11-02T09:20:00.000Z',
  expires_at: null,
  rotated_at: '2026-11-02T09:20:00.000Z',
  last_downloaded_at: '2026-11-02T09:20:00.000Z',
};

export const KubectlCredential = Type.Object(FIELDS, {
  title: 'KubectlCredential',
  description: "A member's access to the org's namespace with kubectl.",
  examples: [EXAMPLE],
});

export const KubectlCredentialMade = Type.Object(
  {
    ...FIELDS,
    kubeconfig: Type.String({
      description:
        'A whole kubeconfig, for `KUBECONFIG` or `kubectl --kubeconfig`. In no other reply.',
    }),
  },
  {
    title: 'KubectlCredentialMade',
    description: 'A new credential, with its kubeconfig.',
    examples: [
      {
        ...EXAMPLE,
        kubeconfig: 'apiVersion: v1\nkind: Config\nclusters: …',
      },
    ],
  },
);
