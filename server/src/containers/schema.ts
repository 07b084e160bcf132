import { type Static, Type } from 'typebox';
import { NAME_PATTERN, idSchema, listQuerySchema } from '../http/schema.ts';

const CONTAINER_STATUSES = ['pending', 'running', 'failed', 'stopped'] as const;

/** The maximum number of volumes of one container. */
export const MAX_VOLUMES = 16;

const name = Type.String({
  pattern: NAME_PATTERN,
  maxLength: 50,
  fault:
    'Must be 1 to 50 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen.',
  examples: ['web'],
  description: "DNS label, unique among the org's containers. Fixed once created.",
});

const image = Type.String({
  minLength: 1,
  maxLength: 500,
  examples: ['nginx:1.27'],
  description: 'Any OCI image reference, e.g. `nginx:1.27` or `host:5000/a/b@sha256:…`.',
});

export const ENV_NAME_FAULT =
  'An environment variable is named with letters, digits and underscores, and does not start with a digit.';

const env = Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String(), {
  additionalProperties: false,
  maxProperties: 256,
  keyFault: ENV_NAME_FAULT,
  examples: [{ LOG_LEVEL: 'info' }],
  description:
    'Environment variables: at most 256, 64 KiB in all. Values are delivered byte for byte.',
});

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
      volume: Type.Integer({
        format: 'int64',
        maximum: Number.MAX_SAFE_INTEGER,
        fault: 'Must be the id of a volume.',
        description: "The volume's id.",
      }),
      mount_path: Type.String({
        // Fully checked by `mountFaults`, which describes the faults.
        shownAs: { type: 'string', maxLength: 1024, pattern: '^(/[^/:\\x00-\\x1f\\x7f]+)+$' },
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

const pullPolicy = Type.Enum(['if_not_present', 'always'], {
  description:
    '`if_not_present`: an image that is already on the engine is used as it is, unless its reference has the tag `latest` or none. `always`: each change of the container pulls its image.',
});

const stopGraceSeconds = Type.Integer({
  minimum: 1,
  maximum: 120,
  fault: 'Must be a number of seconds from 1 to 120.',
  examples: [10],
  description:
    "From the stop signal to the kill, when the container ends for an update or a deletion. A change of it alone doesn't restart the process.",
});

const init = Type.Boolean({
  description:
    'Whether a small init process runs as PID 1, reaps orphaned processes and passes signals on to the command.',
});

export const ContainerCreate = Type.Object(
  {
    name,
    image,
    env: Type.Optional(env),
    command: Type.Optional(command),
    ports: Type.Optional(ports),
    volumes: Type.Optional(volumes),
    pull_policy: Type.Optional(pullPolicy),
    stop_grace_seconds: Type.Optional(stopGraceSeconds),
    init: Type.Optional(init),
  },
  {
    additionalProperties: false,
    title: 'ContainerCreate',
    description:
      'What a new container should be. Left out, `env` is `{}`, `command`, `ports` and `volumes` are `[]`, `pull_policy` is `if_not_present`, `stop_grace_seconds` is 10, and `init` is false.',
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
    pull_policy: Type.Optional(pullPolicy),
    stop_grace_seconds: Type.Optional(stopGraceSeconds),
    init: Type.Optional(init),
  },
  {
    additionalProperties: false,
    title: 'ContainerUpdate',
    description: 'What should change. A field that is left out stays as it is.',
  },
);
export type ContainerUpdate = Static<typeof ContainerUpdate>;

export const ContainerRestart = Type.Object(
  {
    pull: Type.Optional(
      Type.Boolean({ description: 'Whether to pull the image again first. Not given: `false`.' }),
    ),
  },
  {
    additionalProperties: false,
    title: 'ContainerRestart',
    description: 'How to restart.',
  },
);

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
  pull_policy: 'if_not_present',
  stop_grace_seconds: 10,
  init: false,
  status: 'running',
  status_reason: null,
  status_message: null,
  status_since: '2026-11-02T09:30:02.000Z',
  desired_status: 'running',
  restarting: false,
  next_retry_at: null,
  warnings: [],
  restart_count: 0,
  ipv6_address: 'fd12:3456:789a:1::11',
  generation: 1,
  observed_generation: 1,
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};

/** The same container as in the reply to its creation. */
export const CONTAINER_PENDING_EXAMPLE = {
  ...CONTAINER_EXAMPLE,
  env: {},
  ports: [],
  status: 'pending',
  status_since: '2026-11-02T09:30:00.000Z',
  observed_generation: 0,
};

/** The same container as in the reply to a change: the old image runs until the new one is available. */
export const CONTAINER_CHANGED_EXAMPLE = {
  ...CONTAINER_EXAMPLE,
  image: 'nginx:1.28',
  generation: 2,
  updated_at: '2026-11-02T10:00:00.000Z',
};

export const Container = Type.Object(
  {
    id: idSchema('Never reused.'),
    org: Type.String({ description: "The org's slug." }),
    name,
    image,
    env,
    command,
    ports,
    volumes,
    pull_policy: pullPolicy,
    stop_grace_seconds: stopGraceSeconds,
    init,
    status: Type.Enum(CONTAINER_STATUSES, {
      description:
        '`pending` until the engine has acted for the first time; `running` when the process runs; `failed` with a reason; `stopped` after a stop, and while its org is suspended. Tells of the process, not of the roll-out of a change.',
    }),
    status_reason: Type.Union([Type.String(), Type.Null()], {
      description:
        'A machine word, e.g. `image_not_found`, `crash_loop`, `out_of_memory`; the list may grow.',
    }),
    status_message: Type.Union([Type.String(), Type.Null()], {
      description: 'A sentence with the evidence: exit code, last log lines, pull error.',
    }),
    status_since: time('Since when `status` is what it is, in UTC.'),
    desired_status: Type.Enum(['running', 'stopped'], {
      description:
        'What clients have asked for: `stopped` from a stop to the next start or restart, else `running`. `status` follows once the process has ended or started.',
    }),
    restarting: Type.Boolean({
      description:
        'Whether a restart was asked for and has not happened yet: the process is still the one before, or a new one has not started.',
    }),
    next_retry_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description:
        'When what has failed, as `status_reason` says, is tried again: the process, or the change while the old version keeps running. `null` if nothing has failed, if it is being tried right now, or if that is not known.',
    }),
    warnings: Type.Array(
      Type.Object(
        {
          code: Type.String({
            examples: ['ipv4_only_listener'],
            description: 'A machine word; the list may grow.',
          }),
          message: Type.String({ description: 'What is noticed, and what to do about it.' }),
        },
        { title: 'ContainerWarning', description: 'Something noticed about a running process.' },
      ),
      {
        description:
          'What is noticed about the process while it runs, as far as the engine can tell; never changes `status`. `ipv4_only_listener`: it listens on IPv4 alone, so that `ipv6_address` refuses.',
      },
    ),
    restart_count: Type.Integer({ description: 'Restarts since the last change of the spec.' }),
    ipv6_address: Type.Union([Type.String(), Type.Null()], {
      description: "The container's own address, for life.",
    }),
    generation: Type.Integer({
      format: 'int64',
      description: 'Moves with each change of the spec.',
    }),
    observed_generation: Type.Integer({
      format: 'int64',
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
