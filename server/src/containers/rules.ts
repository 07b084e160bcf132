import type { PullPolicy } from '@dollarbox/engines/contract';
import { imageReferenceParse } from '@dollarbox/engines/image-reference';
import { registryRefusal } from '@dollarbox/engines/registry-guard';
import type { FieldFaults } from '../base/errors.ts';
import { faultAdd } from '../http/validate.ts';
import type { ContainerStatus, Mount } from '../db/types.ts';
import { mountFaults } from '../volumes/mount-rules.ts';
import {
  type ContainerCreate,
  type ContainerUpdate,
  ENV_NAME_FAULT,
  MAX_VOLUMES,
} from './schema.ts';

/** Everything that a client specifies about a container, with defaults filled in. */
export interface ContainerDesired {
  name: string;
  image: string;
  env: Record<string, string>;
  command: string[];
  ports: number[];
  volumes: Mount[];
  pull_policy: PullPolicy;
  stop_grace_seconds: number;
  init: boolean;
}

/** What decides whether a container has settled. */
interface Settling {
  status: ContainerStatus;
  status_reason: string | null;
  status_message: string | null;
  generation: number;
  observed_generation: number;
  is_stopped: boolean;
  applied_ref: string | null;
  restart_ref: string | null;
}

type Restarting = Pick<Settling, 'is_stopped' | 'applied_ref' | 'restart_ref'> & {
  pull_again_at: Date | null;
};

/** The end of the message about a process that has just ended, until its last lines are known. */
export const LINES_UNREAD = 'its last lines are being read.';

/**
 * Whether a container has settled: the engine has acted on it, and what was last asked for is in effect or has failed
 * with a reason.
 */
export function containerIsSettled(row: Settling): boolean {
  const { status, status_reason: reason } = row;
  if (status === 'pending') return false;
  if (status === 'stopped') return true;
  if (row.is_stopped) return false;
  // Whoever waits wants to know why.
  if (row.status_message?.endsWith(LINES_UNREAD) === true) return false;
  if (reason !== null) return true;
  return row.observed_generation === row.generation && !isReplacing(row);
}

/** Whether a client wants the present object of a container replaced. */
function isReplacing(row: Pick<Settling, 'applied_ref' | 'restart_ref'>): boolean {
  return row.restart_ref !== null && row.restart_ref === row.applied_ref;
}

/** Whether a container is to be restarted, and has not been yet. */
export function containerIsRestarting(row: Restarting): boolean {
  return !row.is_stopped && (isReplacing(row) || row.pull_again_at !== null);
}

/** The message for a container whose row is damaged. */
export const ENV_LOST =
  "The env of this container can't be read any more, so it is neither started nor changed: send all of its env again, with a PATCH.";

const DEFAULT_STOP_GRACE_SECONDS = 10;
const MAX_ENV_BYTES = 65_536;
const MAX_COMMAND_BYTES = 65_536;
const MAX_SPEC_BYTES = 262_144;

/**
 * The faults of a body that the schema can't express: whether the image reference is possible, sizes in bytes, where
 * volumes can be mounted. The body may be anything: the schema reports wrong types.
 */
export function containerFaults(
  body: Record<string, unknown>,
  allowedRegistries: readonly string[],
): FieldFaults {
  const faults: FieldFaults = {};
  const { image, env, command, volumes } = body;
  if (typeof image === 'string' && image !== '') imageFaults(image, allowedRegistries, faults);
  if (
    typeof env === 'object' &&
    env !== null &&
    textBytes(Object.entries(env).flat()) > MAX_ENV_BYTES
  ) {
    faultAdd(faults, 'env', 'Must have at most 64 KiB of names and values together.');
  }
  if (typeof env === 'object' && env !== null && Object.hasOwn(env, '__proto__')) {
    // A pattern in the schema would need syntax that not every reader of the documents supports.
    faultAdd(faults, 'env.__proto__', ENV_NAME_FAULT);
  }
  if (Array.isArray(command)) {
    if (textBytes(command) > MAX_COMMAND_BYTES) {
      faultAdd(faults, 'command', 'Must have at most 64 KiB.');
    }
    if (command[0] === '') faultAdd(faults, 'command.0', 'Must name a program.');
  }
  if (Object.keys(faults).length === 0) Object.assign(faults, specFaults(body));
  if (Array.isArray(volumes)) mountFaults(volumes.slice(0, MAX_VOLUMES), faults);
  return faults;
}

function imageFaults(image: string, allowed: readonly string[], faults: FieldFaults): void {
  if (imageReferenceParse(image) === null) {
    const lower = nameLower(image);
    if (lower !== image && imageReferenceParse(lower) !== null) {
      faultAdd(faults, 'image', `The name of an image is in lower case: "${lower}".`);
      return;
    }
    const examples = '"nginx:1.27" or "registry.example.com/team/app@sha256:…"';
    faultAdd(faults, 'image', `Must be an image reference such as ${examples}.`);
    return;
  }
  const refusal = registryRefusal(image, allowed);
  if (refusal !== null) faultAdd(faults, 'image', refusal);
}

/** An image reference with its name in lower case; tag and digest stay as they are. */
function nameLower(image: string): string {
  const [name = '', ...digest] = image.split('@');
  const colon = name.lastIndexOf(':');
  const end = colon > name.lastIndexOf('/') ? colon : name.length;
  return [`${name.slice(0, end).toLowerCase()}${name.slice(end)}`, ...digest].join('@');
}

function textBytes(items: readonly unknown[]): number {
  return items.reduce<number>(
    (sum, item) => sum + (typeof item === 'string' ? Buffer.byteLength(item) : 0),
    0,
  );
}

/**
 * The faults of a spec as a whole: rules that span several fields, and that must hold after a merge too.
 */
export function specFaults(spec: Partial<ContainerDesired>): FieldFaults {
  const { image, env, command, ports, volumes } = spec;
  const bytes = Buffer.byteLength(JSON.stringify({ image, env, command, ports, volumes }));
  if (bytes <= MAX_SPEC_BYTES) return {};
  return {
    body: ['Image, env, command, ports and volumes must have at most 256 KiB of JSON together.'],
  };
}

export function containerDesired(body: ContainerCreate): ContainerDesired {
  return {
    name: body.name,
    image: body.image,
    env: body.env ?? {},
    command: body.command ?? [],
    ports: body.ports ?? [],
    volumes: body.volumes ?? [],
    pull_policy: body.pull_policy ?? 'if_not_present',
    stop_grace_seconds: body.stop_grace_seconds ?? DEFAULT_STOP_GRACE_SECONDS,
    init: body.init ?? false,
  };
}

/** A merge: an absent field is kept, a present field is replaced as a whole. */
export function containerMerge(now: ContainerDesired, body: ContainerUpdate): ContainerDesired {
  return {
    name: now.name,
    image: body.image ?? now.image,
    env: body.env ?? now.env,
    command: body.command ?? now.command,
    ports: body.ports ?? now.ports,
    volumes: body.volumes ?? now.volumes,
    pull_policy: body.pull_policy ?? now.pull_policy,
    stop_grace_seconds: body.stop_grace_seconds ?? now.stop_grace_seconds,
    init: body.init ?? now.init,
  };
}

/** Whether two specs are equal. The order of env names does not matter, the order of lists does. */
export function containerDesiredEqual(a: ContainerDesired, b: ContainerDesired): boolean {
  const form = (desired: ContainerDesired): string =>
    JSON.stringify([
      desired.image,
      Object.entries(desired.env).toSorted(([x], [y]) => (x < y ? -1 : 1)),
      desired.command,
      desired.ports,
      desired.volumes.map((mount) => [mount.volume, mount.mount_path]),
      desired.pull_policy,
      desired.stop_grace_seconds,
      desired.init,
    ]);
  return form(a) === form(b);
}
