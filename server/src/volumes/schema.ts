import { type Static, Type } from 'typebox';
import { NAME_PATTERN, idSchema, listQuerySchema } from '../http/schema.ts';

const VOLUME_STATUSES = ['pending', 'provisioning', 'bound', 'failed'] as const;

/** The largest value that the column can hold. The plan limits how large a volume may be. */
const MAX_SIZE_GB = 2_147_483_647;

const name = Type.String({
  pattern: NAME_PATTERN,
  maxLength: 50,
  fault:
    'Must be 1 to 50 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen.',
  examples: ['data'],
  description: "DNS label, unique among the org's volumes. Fixed once created.",
});

const sizeGb = Type.Integer({
  minimum: 1,
  maximum: MAX_SIZE_GB,
  examples: [10],
  description: 'Size in GB. Fixed once created.',
});

export const VolumeCreate = Type.Object(
  { name, size_gb: sizeGb },
  {
    additionalProperties: false,
    title: 'VolumeCreate',
    description: 'What a new volume should be. It can be deleted, and not changed.',
  },
);
export type VolumeCreate = Static<typeof VolumeCreate>;

export const VolumeListQuery = listQuerySchema('volumes', VOLUME_STATUSES);
export type VolumeListQuery = Static<typeof VolumeListQuery>;

/** A volume in use, for the documents. */
const VOLUME_EXAMPLE = {
  id: 5,
  org: 'acme',
  name: 'data',
  size_gb: 10,
  status: 'bound',
  status_reason: null,
  status_message: null,
  storage_class: 'docker-loop',
  size_enforced: true,
  used_bytes: 52_428_800,
  container: 17,
  mount_path: '/var/lib/data',
  created_at: '2026-11-02T09:20:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};

/** The same volume as in the reply to its creation. */
export const VOLUME_PENDING_EXAMPLE = {
  ...VOLUME_EXAMPLE,
  status: 'pending',
  used_bytes: null,
  container: null,
  mount_path: null,
  updated_at: '2026-11-02T09:20:00.000Z',
};

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(
  schema: T,
  description: string,
) => Type.Union([schema, Type.Null()], { description });

export const Volume = Type.Object(
  {
    id: idSchema('Never reused.'),
    org: Type.String({ description: "The org's slug." }),
    name,
    size_gb: sizeGb,
    status: Type.Enum(VOLUME_STATUSES, {
      description:
        '`pending`, then `provisioning`, until the engine has made it: `bound`. `failed` with a reason: it could not be made and is tried again, or `data_lost`.',
    }),
    status_reason: orNull(
      Type.String(),
      'For programs, e.g. `unschedulable`, `engine_error`, `data_lost`; the list may grow.',
    ),
    status_message: orNull(Type.String(), 'A sentence for people.'),
    storage_class: Type.String({
      examples: ['docker-loop'],
      description: 'How it is stored. Final once created.',
    }),
    size_enforced: Type.Boolean({
      description: 'Whether the host keeps it from growing past its size. Final once created.',
    }),
    used_bytes: orNull(
      Type.Integer({ minimum: 0, format: 'int64' }),
      'Bytes of data in it, measured every few minutes; `null` until then, and where it is not known.',
    ),
    container: orNull(Type.Integer({ format: 'int64' }), 'The id of the container that mounts it.'),
    mount_path: orNull(Type.String(), 'Where it is mounted in that container.'),
    created_at: Type.String({ format: 'date-time', description: 'When it was created.' }),
    updated_at: Type.String({
      format: 'date-time',
      description: 'When it was last mounted or unmounted, else when it was created.',
    }),
  },
  {
    title: 'Volume',
    description: 'A place for data that outlives containers. At most one container mounts it.',
    examples: [VOLUME_EXAMPLE],
  },
);
export type Volume = Static<typeof Volume>;
