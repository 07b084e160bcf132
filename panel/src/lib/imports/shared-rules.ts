import type { Imported } from './imported.ts';

/** The longest range of ports that is listed port by port: as many as a container may have. */
const MOST_PORTS = 64;

/** Reads a published port as Docker and Compose write it: `[[address:]port:]port[-port][/protocol]`. */
export function portTake(text: string, into: Imported): void {
  const [, address, first = '', last = first, protocol = 'tcp'] =
    /^(?:(.*):)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w+))?$/.exec(text) ?? [];
  if (first === '') {
    into.notes.push(`Port “${text}” was not understood.`);
    return;
  }
  if (protocol !== 'tcp') {
    into.notes.push(`Port ${first}/${protocol} is left out: only TCP ports are listed.`);
    return;
  }
  const count = Number(last) - Number(first) + 1;
  if (count < 1 || count > MOST_PORTS) {
    into.notes.push(
      `Ports ${first}–${last} are left out: a container lists ${MOST_PORTS} at most.`,
    );
    return;
  }
  for (let index = 0; index < count; index += 1) portAdd(Number(first) + index, into);
  const outside = /(?:^|:)(\d+)(?:-\d+)?$/.exec(address ?? '')?.[1];
  if (outside !== undefined && outside !== first) {
    into.notes.push(
      `Port ${outside} becomes ${first}: a container has an address of its own, so ports are not mapped.`,
    );
  }
}

function portAdd(port: number, into: Imported): void {
  if (!into.spec.ports.includes(port)) into.spec.ports.push(port);
}

/** Reads a mount as Docker and Compose write it in short: `volume:/path[:options]`, or a path alone. */
export function mountTake(text: string, into: Imported): void {
  // A folder of Windows begins with a letter and a colon.
  const [, source = '', path = '', options] =
    /^(?:([A-Za-z]:[\\/][^:]*|[^:]*):)?([^:]+)(?::([^:]*))?$/.exec(text) ?? [];
  if (path === '') {
    into.notes.push(`Volume “${text}” was not understood.`);
    return;
  }
  mountAdd(source, path, into);
  if (options !== undefined && options !== 'rw') {
    into.notes.push(`The option “${options}” of the mount at ${path} is not supported.`);
  }
}

/** Adds a volume, or says that the source is a folder of the machine where the text comes from. */
export function mountAdd(source: string, path: string, into: Imported): void {
  if (/^(?:[/.~$\\]|[A-Za-z]:[\\/])/.test(source)) {
    into.notes.push(
      `${source} at ${path} is left out: it is on your machine. Put the files into the image or a volume.`,
    );
    return;
  }
  into.spec.mounts.push({ volume: source, path });
  if (source === '') into.notes.push(`Choose the volume for ${path}: the text doesn’t name one.`);
}

/** Adds `NAME=value`, or `NAME` alone, which takes its value from the shell that reads the text. */
export function envTake(text: string, into: Imported): void {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  envAdd(name, equals < 0 ? null : text.slice(equals + 1), into);
}

/** @param value null if the text leaves it to the environment. */
export function envAdd(name: string, value: string | null, into: Imported): void {
  const { env } = into.spec;
  const before = env.find((row) => row.name === name);
  if (before === undefined) env.push({ name, value: value ?? '' });
  else before.value = value ?? '';
  if (value === null) into.notes.push(`Enter a value for ${name}: it comes from your own shell.`);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Reads how long a stop may take: seconds, or a duration such as `1m30s`. */
export function graceTake(text: string, into: Imported): void {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  const isDuration = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  const seconds = isDuration
    ? parts.reduce(
        (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_SECONDS[unit] ?? 0),
        0,
      )
    : Number(text);
  if (text === '' || Number.isNaN(seconds)) {
    into.notes.push(`The time to stop, “${text}”, was not understood.`);
    return;
  }
  into.spec.graceSeconds = Math.min(120, Math.max(1, Math.ceil(seconds)));
  if (into.spec.graceSeconds !== seconds) {
    into.notes.push(
      `The time to stop becomes ${into.spec.graceSeconds} seconds: it can be 1 to 120.`,
    );
  }
}

export function pullTake(text: string, into: Imported): void {
  if (text === 'always') into.spec.pullPolicy = 'always';
  else if (text === 'missing' || text === 'if_not_present') {
    into.spec.pullPolicy = 'if_not_present';
  } else into.notes.push(`The pull policy “${text}” is not supported.`);
}

/** Takes a name, changed to what names may be. */
export function nameTake(text: string, into: Imported): void {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 50)
    .replace(/-+$/, '');
  if (name !== '') into.spec.name = name;
  if (name !== text) into.notes.push(`The name “${text}” becomes “${name || '…'}”.`);
}

/** Sets the command from an entrypoint and what follows it. */
export function commandTake(
  entrypoint: readonly string[] | undefined,
  words: readonly string[] | undefined,
  into: Imported,
): void {
  if (entrypoint === undefined && words === undefined) return;
  const command = [...(entrypoint ?? []), ...(words ?? [])];
  if (command.length === 0) return;
  into.spec.command = command;
  if (entrypoint === undefined) {
    into.notes.push(
      'The command replaces the image’s entrypoint as well. If the image has one, put it in front.',
    );
  }
}
