import { type Static, Type } from 'typebox';
import { NAME_PATTERN, listQuerySchema } from '../http/schema.ts';

const CONTAINER_STATUSES = ['pending', 'running', 'failed', 'stopped'] as const;

/** Volumes of one container. */
export const MAX_VOLUMES = 16;

const name = Type.String({
  pattern: NAME_PATTERN,
  maxLength: 50,
  fault:
    'Must be 1 to 50 lower-case letters, digits or dashes, starting with a letter and not ending with a dash.',
  examples: ['web'],
  description: "DNS label, unique among the org's containers. Fixed once created.",
});

const image = Type.String({
  minLength: 1,
  maxLength: 500,
  examples: ['nginx:1.27'],
  description: 'Any OCI image reference, e.g. `nginx:1.27` or `host:5000/a/b@sha256:…`.',
});

const env = Type.Record(
  Type.String({ pattern: '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$' }),
  Type.String(),
  {
    additionalProperties: false,
    maxProperties: 256,
    keyFault:
      'An environment variable is named with letters, digits and underscores, and does not start with a digit.',
    examples: [{ LOG_LEVEL: 'info' }],
    description:
      'Environment variables: at most 256, 64 KiB in all. Values are delivered byte for byte.',
  },
);

const command = Type.Array(Type.String(), {
  maxItems: 256,
  examples: [['nginx', '-g', 'daemon off;']],
  description: "Replaces the image's entrypoint and command. Empty: the image's own.",
});

const ports = Type.Array(
  Type.Integer({ minimum: 1, maximum: 65_535, fault: 'Must be a port from 1 to 65535.' }),
  {
    uniqueItems: true,
    maxItems: 64,
    examples: [[80]],
    description: 'TCP ports. Empty: those that the image exposes.',
  },
);

const volumes = Type.Array(
  Type.Object(
    {
      volume: Type.Integer({ description: "The volume's id." }),
      mount_path: Type.String({
        examples: ['/var/lib/data'],
        description: 'Absolute path inside the container.',
      }),
    },
    {
      additionalProperties: false,
      title: 'VolumeMount',
      description: 'Where a volume appears inside the container.',
    },
  ),
  { maxItems: MAX_VOLUMES, description: 'Volumes to mount, each in one container at most.' },
);

export const ContainerCreate = Type.Object(
  {
    name,
    image,
    env: Type.Optional(env),
    command: Type.Optional(command),
    ports: Type.Optional(ports),
    volumes: Type.Optional(volumes),
  },
  {
    additionalProperties: false,
    title: 'ContainerCreate',
    description:
      'What a new container should be. Left out, `env` is `{}`, and `command`, `ports` and `volumes` are `[]`.',
  },
);
export type ContainerCreate = Static<typeof ContainerCreate>;

export const ContainerUpdate = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'Fixed: only the present name is accepted.' })),
    image: Type.Optional(image),
    env: Type.Optional(env),
    command: Type.Optional(command),
    ports: Type.Optional(ports),
    volumes: Type.Optional(volumes),
  },
  {
    additionalProperties: false,
    title: 'ContainerUpdate',
    description: 'What should change. A field that is left out stays as it is.',
  },
);
export type ContainerUpdate = Static<typeof ContainerUpdate>;

export const ContainerListQuery = listQuerySchema('containers', CONTAINER_STATUSES);
export type ContainerListQuery = Static<typeof ContainerListQuery>;

const time = (description: string) => Type.String({ format: 'date-time', description });

/** A running container, for the documents. */
const CONTAINER_EXAMPLE = {
  id: 17,
  org: 'acme',
  name: 'web',
  image: 'nginx:1.27',
  env: { LOG_LEVEL: 'info' },
  command: [],
  ports: [80],
  volumes: [],
  status: 'running',
  status_reason: null,
  status_message: null,
  restart_count: 0,
  ipv6_address: 'fd12:3456:789a:1::11',
  generation: 1,
  observed_generation: 1,
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};

/** The same container as the reply to its creation shows it. */
export const CONTAINER_PENDING_EXAMPLE = {
  ...CONTAINER_EXAMPLE,
  env: {},
  ports: [],
  status: 'pending',
  observed_generation: 0,
};

/** The same container in the reply to a change: the old image runs until the new one is there. */
export const CONTAINER_CHANGED_EXAMPLE = {
  ...CONTAINER_EXAMPLE,
  image: 'nginx:1.28',
  generation: 2,
  updated_at: '2026-11-02T10:00:00.000Z',
};

export const Container = Type.Object(
  {
    id: Type.Integer({ description: 'Never reused.' }),
    org: Type.String({ description: "The org's slug." }),
    name,
    image,
    env,
    command,
    ports,
    volumes,
    status: Type.Enum(CONTAINER_STATUSES, {
      description:
        '`pending` until the engine has acted for the first time; `running` when the process runs; `failed` with a reason. Tells of the process, not of the roll-out of a change.',
    }),
    status_reason: Type.Union([Type.String(), Type.Null()], {
      description:
        'A machine word, e.g. `image_not_found`, `crash_loop`, `out_of_memory`; the list may grow.',
    }),
    status_message: Type.Union([Type.String(), Type.Null()], {
      description: 'A sentence with the evidence: exit code, last log lines, pull error.',
    }),
    restart_count: Type.Integer({ description: 'Restarts since the last change of the spec.' }),
    ipv6_address: Type.Union([Type.String(), Type.Null()], {
      description: "The container's own address, for life.",
    }),
    generation: Type.Integer({ description: 'Moves with each change of the spec.' }),
    observed_generation: Type.Integer({
      description:
        'The last generation that the engine runs: a change is in effect when it equals `generation`.',
    }),
    created_at: time('When it was created.'),
    updated_at: time('When its spec was last changed.'),
  },
  {
    title: 'Container',
    description: 'A container: what it should be, and how it is just now.',
    examples: [CONTAINER_EXAMPLE],
  },
);
export type Container = Static<typeof Container>;
