import { type Static, Type } from 'typebox';
import { displayNameSchema, emailSchema, listQuerySchema } from '../http/schema.ts';

/** A DNS label of at most 40 characters that starts with a letter. */
export const SLUG_PATTERN = '^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$';
const SLUG_FAULT =
  'Must be 1 to 40 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen.';

const ORG_STATUSES = ['active', 'suspended'] as const;

export const OrgCreate = Type.Object(
  {
    slug: Type.String({
      pattern: SLUG_PATTERN,
      fault: SLUG_FAULT,
      description: 'DNS label, the key of the org. It can never be changed, nor given out again.',
    }),
    name: displayNameSchema('What people call it.'),
  },
  { title: 'OrgCreate', additionalProperties: false },
);

const ORG_SWITCH = (description: string) => Type.Optional(Type.Boolean({ description }));

export const OrgUpdate = Type.Object(
  {
    name: Type.Optional(displayNameSchema('What people call it.')),
    billing_email: Type.Optional(
      Type.Union([Type.Literal(''), emailSchema('Where bills go; empty for nowhere.')], {
        fault: 'Must be an e-mail address, or empty.',
        description: 'Where bills go; empty for nowhere.',
      }),
    ),
    kubectl_enabled: ORG_SWITCH('Whether kubectl credentials can be made. Owners only.'),
    api_enabled: ORG_SWITCH(
      'Whether tokens may use the API for this org; the panel still may. Owners only.',
    ),
  },
  { title: 'OrgUpdate', additionalProperties: false },
);
export type OrgUpdate = Static<typeof OrgUpdate>;

export const OrgListQuery = listQuerySchema('orgs', ORG_STATUSES);

export const Org = Type.Object(
  {
    slug: Type.String({ description: 'DNS label, the key of the org.' }),
    name: Type.String({ description: 'What people call it.' }),
    billing_email: Type.String({
      description: 'Where bills go; empty when none was given.',
    }),
    status: Type.Enum(ORG_STATUSES, {
      description:
        '`suspended` by the operator: its containers are stopped; it can be read and things deleted from it, and other writes are 403.',
    }),
    billing_mode: Type.String({ description: 'How the org pays; set by the operator.' }),
    kubectl_enabled: Type.Boolean({ description: 'Whether kubectl credentials can be made.' }),
    api_enabled: Type.Boolean({ description: 'Whether tokens may use the API for this org.' }),
    role: Type.Enum(['owner', 'admin', 'member'], { description: "The caller's role in it." }),
    created_at: Type.String({ format: 'date-time', description: 'When it was created, in UTC.' }),
  },
  {
    title: 'Org',
    description: 'An organisation: containers belong to it, and people are its members.',
    examples: [
      {
        slug: 'acme',
        name: 'Acme',
        billing_email: 'bills@acme.example',
        status: 'active',
        billing_mode: 'manual',
        kubectl_enabled: false,
        api_enabled: true,
        role: 'owner',
        created_at: '2026-11-02T09:30:00.000Z',
      },
    ],
  },
);

const counter = (what: string) =>
  Type.Object(
    {
      limit: Type.Integer({ description: "The plan's limit." }),
      current: Type.Integer({ description: 'In use.' }),
    },
    { description: what },
  );

export const OrgUsage = Type.Object(
  {
    containers: counter('Containers that are not deleted.'),
    volume_gb: counter('Size of all volumes together, in GB.'),
  },
  {
    title: 'OrgUsage',
    description: "What an org uses of its plan's limits.",
    examples: [{ containers: { limit: 5, current: 2 }, volume_gb: { limit: 50, current: 0 } }],
  },
);
