/**
 * Checks of an image's configuration: anything that Docker would refuse is refused here, before any layer is
 * downloaded, with a sentence that names the setting. Pure.
 * Source: OCI image-spec v1.1, config.md. Docker matches the names case-insensitively.
 */
import { posix } from 'node:path';
import { PullError } from './pull-error.ts';

/** Docker copies these settings into each container and repeats them with each event. */
const SETTINGS_MAX_BYTES = 256 * 1024;
/** Docker accepts any text as a signal, and can then neither stop nor remove the container. */
const SIGNAL =
  /^(?:[1-9]|[1-5]\d|6[0-4]|(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?))$/i;
/** Labels of an image become labels of its containers. This prefix marks our own objects. */
const OUR_LABELS = 'dollarbox.';
/** The largest user or group id that Docker accepts. */
const USER_ID_MAX = 2_147_483_647;
/** Linux: NAME_MAX, and PATH_MAX without the final NUL. */
const NAME_MAX_BYTES = 255;
const PATH_MAX_BYTES = 4095;
const PORT_MAX = 65_535;
const SHOWN_MAX_LENGTH = 100;
const KERNEL_FOLDERS = ['/dev/', '/proc/', '/sys/'];
/** Each becomes a volume. */
const VOLUMES_MAX = 16;
const VOLUME_PATH_MAX_BYTES = 1024;

type Settings = Record<string, unknown>;

function rejected(why: string): PullError {
  return new PullError('image_rejected', `The image can't be used: ${why}.`);
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, SHOWN_MAX_LENGTH);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): boolean => typeof value === 'string';
/** Docker reads null in a list as an empty string. */
const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => each === null || isText(each));

/** The type that each setting must have for Docker to parse the configuration at all. Null counts as absent. */
const SHAPES: readonly (readonly [what: string, fits: (value: unknown) => boolean, string[]])[] = [
  ['a string', isText, ['WorkingDir', 'User', 'StopSignal', 'Hostname', 'Domainname', 'Image']],
  ['a string', isText, ['MacAddress']],
  ['a list of strings', isTextList, ['Env', 'OnBuild']],
  [
    'a string or a list of strings',
    (value) => isText(value) || isTextList(value),
    ['Cmd', 'Entrypoint', 'Shell'],
  ],
  ['an object', isRecord, ['ExposedPorts', 'Volumes', 'Healthcheck']],
  [
    'an object of strings',
    (value) =>
      isRecord(value) && Object.values(value).every((each) => each === null || isText(each)),
    ['Labels'],
  ],
  ['an integer', Number.isSafeInteger, ['StopTimeout']],
  [
    'true or false',
    (value) => typeof value === 'boolean',
    [
      ...['ArgsEscaped', 'AttachStderr', 'AttachStdin', 'AttachStdout'],
      ...['NetworkDisabled', 'OpenStdin', 'StdinOnce', 'Tty'],
    ],
  ],
];

/** A setting under any spelling that Docker accepts for it. If there are several, Docker would mix their values. */
function settingOf(settings: Settings, name: string): unknown {
  const wanted = name.toLowerCase();
  const [found, second] = Object.entries(settings).filter(([key]) => key.toLowerCase() === wanted);
  if (second !== undefined) throw rejected(`its configuration has ${name} twice`);
  return found?.[1] ?? undefined;
}

function shapesCheck(settings: Settings): void {
  for (const [what, fits, names] of SHAPES) {
    for (const name of names) {
      const value = settingOf(settings, name);
      if (value !== undefined && !fits(value)) {
        throw rejected(`its ${name} must be ${what}, and is ${shown(value)}`);
      }
    }
  }
}

function workingDirCheck(workingDir: string): void {
  if (workingDir === '') return;
  if (!workingDir.startsWith('/')) {
    throw rejected(`its WorkingDir ${shown(workingDir)} is not an absolute path`);
  }
  if (workingDir.includes('\0')) throw rejected('its WorkingDir contains a NUL character');
  const isTooLong =
    Buffer.byteLength(workingDir) > PATH_MAX_BYTES ||
    workingDir.split('/').some((name) => Buffer.byteLength(name) > NAME_MAX_BYTES);
  if (isTooLong) throw rejected(`its WorkingDir ${shown(workingDir)}… is too long`);
}

/** User names are resolved when the process starts: the contents of the image's user lists are not known here. */
function userCheck(user: string): void {
  if (user.includes('\0')) throw rejected('its User contains a NUL character');
  for (const part of user.split(':')) {
    if (!/^[-+]?\d+$/.test(part)) continue;
    const id = Number(part);
    if (id < 0 || id > USER_ID_MAX) {
      throw rejected(
        `its User ${shown(user)} is out of range: user and group ids are 0 to ${USER_ID_MAX}`,
      );
    }
  }
}

/** An entry without "=" is accepted: Docker reads it as a variable to be unset. */
function envCheck(env: readonly (string | null)[]): void {
  for (const entry of env) {
    if (entry === null) continue;
    if (entry.startsWith('=')) throw rejected(`its Env has ${shown(entry)}, which has no name`);
    const [name = ''] = entry.split('=');
    if (entry.includes('\0'))
      throw rejected(`its Env variable ${shown(name)} contains a NUL character`);
  }
}

function commandCheck(name: 'Entrypoint' | 'Cmd', command: unknown): void {
  const words: unknown[] = Array.isArray(command) ? command : [command];
  if (words.some((word) => typeof word === 'string' && word.includes('\0'))) {
    throw rejected(`its ${name} contains a NUL character`);
  }
}

function labelsCheck(labels: Record<string, unknown>): void {
  const ours = Object.keys(labels).find((name) => name.startsWith(OUR_LABELS));
  if (ours === undefined) return;
  throw rejected(`its label ${shown(ours)} begins with "${OUR_LABELS}", which is reserved`);
}

/** A volume there would cover the kernel's own files and expose what is hidden among them. */
function volumesCheck(volumes: Record<string, unknown>): void {
  const count = volumePathsRead(volumes).length;
  if (count > VOLUMES_MAX) throw rejected(`it has ${count} VOLUMEs, of at most ${VOLUMES_MAX}`);
  for (const path of Object.keys(volumes)) {
    // eslint-disable-next-line no-control-regex -- the pattern looks for exactly these
    if (/[\u0000-\u001f\u007f]/.test(path) || Buffer.byteLength(path) > VOLUME_PATH_MAX_BYTES) {
      throw rejected(`its VOLUME ${shown(path)} has control characters or more than 1024 bytes`);
    }
    const place = posix.join('/', path, '/');
    if (place !== '/' && !KERNEL_FOLDERS.some((folder) => place.startsWith(folder))) continue;
    throw rejected(
      `it has a VOLUME at ${shown(path)}, which the root folder, /dev, /proc and /sys can't have`,
    );
  }
}

/**
 * Checks that containers can be created from an image.
 * @param settings its env, command, labels and so on, from Docker or from its own configuration; null: none.
 * @throws PullError `image_rejected`, naming the setting.
 */
export function imageSettingsCheck(settings: unknown): void {
  if (settings === null || settings === undefined) return;
  if (!isRecord(settings)) throw rejected('its configuration is not an object');
  if (Buffer.byteLength(JSON.stringify(settings)) > SETTINGS_MAX_BYTES) {
    throw rejected('its env, command, labels and exposed ports are larger than 256 KiB together');
  }
  shapesCheck(settings);
  workingDirCheck((settingOf(settings, 'WorkingDir') ?? '') as string);
  userCheck((settingOf(settings, 'User') ?? '') as string);
  envCheck((settingOf(settings, 'Env') ?? []) as (string | null)[]);
  commandCheck('Entrypoint', settingOf(settings, 'Entrypoint'));
  commandCheck('Cmd', settingOf(settings, 'Cmd'));
  volumesCheck((settingOf(settings, 'Volumes') ?? {}) as Record<string, unknown>);
  labelsCheck((settingOf(settings, 'Labels') ?? {}) as Record<string, unknown>);
  const signal = (settingOf(settings, 'StopSignal') ?? '') as string;
  if (signal !== '' && !SIGNAL.test(signal)) {
    throw rejected(`its StopSignal ${shown(signal)} is not a signal`);
  }
}

/**
 * The `VOLUME`s of an image as absolute paths, ascending.
 * @param volumes `Volumes` of its configuration.
 */
export function volumePathsRead(volumes: Readonly<Record<string, unknown>>): string[] {
  const paths = Object.keys(volumes).map((path) => posix.resolve('/', path));
  return [...new Set(paths)].toSorted();
}

/**
 * The TCP ports that an image exposes, ascending. Entries that are not a single port are ignored.
 * @param exposed `ExposedPorts` of its configuration.
 */
export function exposedPortsRead(exposed: Readonly<Record<string, unknown>>): number[] {
  const ports = Object.keys(exposed).map((text) =>
    Number(/^(\d{1,5})(?:\/tcp)?$/i.exec(text)?.[1]),
  );
  return [...new Set(ports)]
    .filter((port) => port >= 1 && port <= PORT_MAX)
    .toSorted((a, b) => a - b);
}
