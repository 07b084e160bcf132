import type { Container } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { wordsFormat, wordsParse } from '../../lib/command-text.ts';
import { type Keyed, keyed } from '../../lib/row-key.ts';
import type { FormFault } from '../ui/form.tsx';
import { type EnvDraft, envDraftOf, envDraftRead } from './env-draft.ts';

export type ContainerSpec = Required<components['schemas']['ContainerUpdate']>;

/** A container while it is edited: texts as they are typed. */
export interface ContainerDraft {
  name: string;
  image: string;
  env: EnvDraft;
  command: string;
  ports: string;
  volumes: Keyed<{ volume: string; mountPath: string }>[];
  pullPolicy: ContainerSpec['pull_policy'];
  graceSeconds: string;
  init: boolean;
}

export const DRAFT_EMPTY: ContainerDraft = {
  name: '',
  image: '',
  env: { mode: 'rows', rows: [] },
  command: '',
  ports: '',
  volumes: [],
  pullPolicy: 'if_not_present',
  graceSeconds: '10',
  init: false,
};

export function containerDraftOf(
  container: Omit<ContainerSpec, 'name'> & { name: string },
): ContainerDraft {
  return {
    name: container.name,
    image: container.image,
    env: envDraftOf(container.env),
    command: wordsFormat(container.command),
    ports: container.ports.join(', '),
    volumes: container.volumes.map(({ volume, mount_path: mountPath }) =>
      keyed({ volume: String(volume), mountPath }),
    ),
    pullPolicy: container.pull_policy,
    graceSeconds: String(container.stop_grace_seconds),
    init: container.init,
  };
}

/** What a container is to be, without what the server alone decides. */
export function containerSpecOf(container: Container): ContainerSpec {
  const { name, image, env, command, ports, volumes } = container;
  const { pull_policy, stop_grace_seconds, init } = container;
  return { name, image, env, command, ports, volumes, pull_policy, stop_grace_seconds, init };
}

/** The spec that a draft describes, or the faults that keep it from being sent. */
export function containerDraftRead(
  draft: ContainerDraft,
): { spec: ContainerSpec; fault?: undefined } | { spec?: undefined; fault: FormFault } {
  const faults: Record<string, string> = {};
  const command = wordsParse(draft.command);
  if (command.fault !== undefined) faults['command'] = command.fault;
  const env = envDraftRead(draft.env);
  Object.assign(faults, env.faults);
  const ports = portsRead(draft.ports);
  if (ports === null) faults['ports'] = 'Must be numbers from 1 to 65535, separated by commas.';
  const grace = /^\d+$/.test(draft.graceSeconds.trim()) ? Number(draft.graceSeconds) : null;
  if (grace === null) faults['stop_grace_seconds'] = 'Must be a number of seconds from 1 to 120.';
  const volumes = draft.volumes.map(({ volume, mountPath }, index) => {
    if (volume === '') faults[`volumes.${index}.volume`] = 'Choose a volume.';
    if (mountPath === '') faults[`volumes.${index}.mount_path`] = 'Enter an absolute path.';
    return { volume: Number(volume), mount_path: mountPath };
  });
  if (Object.keys(faults).length > 0) {
    return { fault: { message: 'Correct the marked fields.', fields: faults } };
  }
  return {
    spec: {
      name: draft.name,
      image: draft.image,
      env: env.env ?? {},
      command: command.words ?? [],
      ports: ports ?? [],
      volumes,
      pull_policy: draft.pullPolicy,
      stop_grace_seconds: grace ?? 0,
      init: draft.init,
    },
  };
}

function portsRead(text: string): number[] | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.every((word) => /^\d{1,5}$/.test(word)) ? words.map(Number) : null;
}

/**
 * The server's faults by the fields of the form: what it says of one port or one word of the command belongs to the
 * field where all of them are typed, and so do the faults of variables while they are edited as text.
 */
export function containerFaultShow(fault: FormFault, draft: ContainerDraft): FormFault {
  const grouped = ['ports', 'command', ...(draft.env.mode === 'text' ? ['env'] : [])];
  const fields: Record<string, string> = {};
  for (const [path, text] of Object.entries(fault.fields)) {
    const field = grouped.find((name) => path.startsWith(`${name}.`));
    if (field === undefined) {
      fields[path] ??= text;
      continue;
    }
    const part = path.slice(field.length + 1);
    const named = `${partName(field, part, draft)}: ${text}`;
    fields[field] = fields[field] === undefined ? named : `${fields[field]} ${named}`;
  }
  return { message: fault.message, fields };
}

function partName(field: string, part: string, draft: ContainerDraft): string {
  if (field === 'env') return part;
  const words =
    field === 'ports' ? (portsRead(draft.ports) ?? []) : (wordsParse(draft.command).words ?? []);
  return `“${words[Number(part)] ?? part}”`;
}

/** Whether two specs are equal. The order of variables does not matter. */
export function specFieldEqual(
  field: keyof ContainerSpec,
  a: ContainerSpec,
  b: ContainerSpec,
): boolean {
  return fieldForm(a[field]) === fieldForm(b[field]);
}

function fieldForm(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );
}

/** The fields that differ, in the order of the spec. */
export function specDifference(a: ContainerSpec, b: ContainerSpec): (keyof ContainerSpec)[] {
  const fields = Object.keys(a) as (keyof ContainerSpec)[];
  return fields.filter((field) => !specFieldEqual(field, a, b));
}

/** A name for a container of this image that is free in its org: `nginx:1.27` becomes `nginx`, then `nginx-2`. */
export function nameSuggest(image: string, taken: ReadonlySet<string>): string {
  const last = image.split('@')[0]?.split('/').at(-1)?.split(':')[0] ?? '';
  const base = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 46)
    .replace(/-+$/, '');
  if (base === '') return '';
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!taken.has(name)) return name;
  }
}
