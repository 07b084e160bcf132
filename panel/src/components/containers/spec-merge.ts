import { wordsFormat } from '../../lib/command-text.ts';
import type { ContainerSpec } from './container-draft.ts';

/** One thing that can be kept or taken: a field of the spec, or one variable. */
export interface MergePart {
  /** The API's path: `image`, `env.LOG_LEVEL`. */
  path: string;
  label: string;
  before: string | null;
  yours: string | null;
  theirs: string | null;
  /** Who changed it. `both` need a choice, unless both chose the same. */
  by: 'you' | 'them' | 'both' | 'same';
}

export type MergeChoice = 'yours' | 'theirs';

const LABELS: Record<Exclude<keyof ContainerSpec, 'env'>, string> = {
  name: 'Name',
  image: 'Image',
  command: 'Command',
  ports: 'TCP ports',
  volumes: 'Volumes',
  pull_policy: 'Pull the image',
  stop_grace_seconds: 'Time to stop, in seconds',
  init: 'Init process',
};

interface ThreeSpecs {
  before: ContainerSpec;
  yours: ContainerSpec;
  theirs: ContainerSpec;
}

/**
 * What two people changed since a version that both had read.
 * @param volumeName names a volume by its id.
 */
export function mergeParts(specs: ThreeSpecs, volumeName: (id: number) => string): MergePart[] {
  const texts = {
    before: partTexts(specs.before, volumeName),
    yours: partTexts(specs.yours, volumeName),
    theirs: partTexts(specs.theirs, volumeName),
  };
  const paths = new Set<string>();
  for (const map of Object.values(texts)) for (const path of map.keys()) paths.add(path);
  return [...paths].flatMap((path) => {
    const before = texts.before.get(path) ?? null;
    const yours = texts.yours.get(path) ?? null;
    const theirs = texts.theirs.get(path) ?? null;
    if (yours === before && theirs === before) return [];
    const by =
      yours === theirs ? 'same' : yours === before ? 'them' : theirs === before ? 'you' : 'both';
    return [{ path, label: labelOf(path), before, yours, theirs, by }];
  });
}

function labelOf(path: string): string {
  return path.startsWith('env.') ? path.slice(4) : LABELS[path as keyof typeof LABELS];
}

/** The parts of a spec as texts that are equal if, and only if, the parts are. */
function partTexts(spec: ContainerSpec, volumeName: (id: number) => string): Map<string, string> {
  const volumes = spec.volumes.map(
    ({ volume, mount_path: path }) => `${volumeName(volume)} at ${path}`,
  );
  return new Map([
    ['image', spec.image],
    ['command', wordsFormat(spec.command)],
    ['ports', spec.ports.join(', ')],
    ['volumes', volumes.join(', ')],
    ['pull_policy', spec.pull_policy],
    ['stop_grace_seconds', String(spec.stop_grace_seconds)],
    ['init', spec.init ? 'yes' : 'no'],
    ...Object.entries(spec.env).map(([name, value]) => [`env.${name}`, value] as const),
  ]);
}

/** The spec after both changes. @param choices for what both changed; yours where there is none. */
export function specMerge(
  { yours, theirs }: ThreeSpecs,
  parts: readonly MergePart[],
  choices: Readonly<Record<string, MergeChoice>>,
): ContainerSpec {
  const merged: ContainerSpec = { ...theirs };
  const env = new Map(Object.entries(theirs.env));
  for (const { path, by } of parts) {
    const isYours = by === 'you' || (by === 'both' && choices[path] !== 'theirs');
    if (!isYours) continue;
    if (!path.startsWith('env.')) {
      fieldCopy(merged, yours, path as keyof ContainerSpec);
      continue;
    }
    const name = path.slice(4);
    const value = Object.hasOwn(yours.env, name) ? yours.env[name] : undefined;
    if (value === undefined) env.delete(name);
    else env.set(name, value);
  }
  return { ...merged, env: Object.fromEntries(env) };
}

function fieldCopy<Field extends keyof ContainerSpec>(
  to: ContainerSpec,
  from: ContainerSpec,
  field: Field,
): void {
  to[field] = from[field];
}
