import { type ShellWord, shellScan } from '../command-text.ts';
import { type Imported, importedEmpty } from './imported.ts';
import {
  commandTake,
  envTake,
  graceTake,
  mountAdd,
  mountTake,
  nameTake,
  portTake,
  pullTake,
} from './shared-rules.ts';

/** The flags of `docker run` that take no value. All others take one. */
const SWITCHES = new Set(
  'detach disable-content-trust help init interactive no-healthcheck oom-kill-disable privileged publish-all quiet read-only rm sig-proxy tty use-api-socket'.split(
    ' ',
  ),
);
const SHORT: Readonly<Record<string, string>> = {
  P: 'publish-all',
  a: 'attach',
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  p: 'publish',
  q: 'quiet',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};
/** What every container here does anyway. */
const IMPLIED = new Set(['detach', 'quiet', 'restart']);

/** A command while it is read. */
interface Reading extends Imported {
  entrypoint?: string[];
  implied: string[];
  unsupported: string[];
}

const FLAGS: Readonly<Record<string, (value: string, into: Reading) => void>> = {
  name: nameTake,
  env: envTake,
  publish: portTake,
  expose: portTake,
  volume: mountTake,
  mount: longMountTake,
  pull: pullTake,
  'stop-timeout': graceTake,
  'env-file'(value, into) {
    into.notes.push(`Paste the contents of ${value} as well: its variables are not in this text.`);
  },
  init(value, into) {
    into.spec.init = value !== 'false';
  },
  entrypoint(value, into) {
    into.entrypoint = value === '' ? [] : [value];
  },
};

/** The command, after comments, a prompt and `sudo`. */
const COMMAND =
  /^\s*(?:#[^\n]*\n\s*)*(?:[$#]\s+)?(?:sudo\s+)?(?=(?:docker|podman|nerdctl)\s)([^]*)$/;

/** Whether a text is a command of Docker. */
export function isDockerRun(text: string): boolean {
  return COMMAND.test(text);
}

/** Reads a `docker run` command. */
export function dockerRunRead(text: string): Imported | { fault: string } {
  const line = COMMAND.exec(text.replaceAll('\r\n', '\n').trim())?.[1] ?? '';
  const { words, fault } = shellScan(line);
  if (fault !== undefined) return { fault };
  const rest = words.slice(1);
  if (rest[0]?.text === 'container') rest.shift();
  if (!['run', 'create'].includes(rest[0]?.text ?? '')) {
    return { fault: 'Of Docker’s commands, only “docker run” and “docker create” can be read.' };
  }
  const end = rest.findIndex((word) => word.startsLine || word.isOperator);
  const command = rest.slice(1, end < 0 ? undefined : end);
  const into: Reading = { ...importedEmpty(), implied: [], unsupported: [] };
  const image = flagsTake(command, into);
  const [reference, ...args] = command.slice(image).map((word) => word.text);
  if (reference === undefined) return { fault: 'The command names no image.' };
  into.spec.image = reference;
  commandTake(into.entrypoint, args.length === 0 ? undefined : args, into);
  notesFinish(command, end < 0 ? [] : rest.slice(end), into);
  return { spec: into.spec, notes: into.notes };
}

/** Takes the flags before the image. @returns the place of the image. */
function flagsTake(words: readonly ShellWord[], into: Reading): number {
  let at = 0;
  while (at < words.length) {
    const { text } = words[at] ?? { text: '' };
    if (text === '--') return at + 1;
    if (!text.startsWith('-') || text === '-') return at;
    at += 1;
    const next = () => {
      at += 1;
      return words[at - 1]?.text ?? '';
    };
    if (text.startsWith('--')) longFlagTake(text, next, into);
    else shortFlagsTake(text, next, into);
  }
  return at;
}

function longFlagTake(text: string, next: () => string, into: Reading): void {
  const [, name = '', given] = /^--([^=]*)(?:=([^]*))?$/.exec(text) ?? [];
  const isSwitch = SWITCHES.has(name);
  const value = given ?? (isSwitch ? 'true' : next());
  flagTake(name, value, isSwitch && given === undefined ? text : `--${name} ${value}`, into);
}

/** Several switches may share a hyphen, and the last flag may have its value right behind it: `-dp80`. */
function shortFlagsTake(text: string, next: () => string, into: Reading): void {
  for (let index = 1; index < text.length; index += 1) {
    const letter = text[index] ?? '';
    const name = SHORT[letter] ?? letter;
    if (SWITCHES.has(name)) {
      flagTake(name, 'true', `-${letter}`, into);
      continue;
    }
    const value = text.slice(index + 1).replace(/^=/, '') || next();
    flagTake(name, value, `-${letter} ${value}`, into);
    return;
  }
}

function flagTake(name: string, value: string, written: string, into: Reading): void {
  const take = FLAGS[name];
  if (take !== undefined) take(value, into);
  else if (IMPLIED.has(name) && value !== 'no') into.implied.push(written);
  else into.unsupported.push(written);
}

/** Reads `--mount type=volume,source=data,target=/data`. */
function longMountTake(text: string, into: Imported): void {
  const pairs = text.split(',').map((part): [string, string] => {
    const [key = '', ...rest] = part.split('=');
    return [key, rest.join('=')];
  });
  const {
    type = 'volume',
    source,
    src,
    target,
    dst,
    destination,
    ...options
  } = Object.fromEntries(pairs);
  const path = target ?? dst ?? destination;
  if (path === undefined || (type !== 'volume' && type !== 'bind')) {
    into.notes.push(`The mount “${text}” is left out: only volumes can be mounted.`);
    return;
  }
  mountAdd(source ?? src ?? '', path, into);
  for (const [key, value] of Object.entries(options)) {
    const written = value === '' ? key : `${key}=${value}`;
    into.notes.push(`The option “${written}” of the mount at ${path} is not supported.`);
  }
}

/** Names what was not taken over, and what a shell would have changed first. */
function notesFinish(
  command: readonly ShellWord[],
  after: readonly ShellWord[],
  into: Reading,
): void {
  const { notes, unsupported, implied } = into;
  if (unsupported.length > 0) notes.push(`Not supported, and left out: ${unsupported.join(', ')}`);
  if (implied.length > 0) notes.push(`Not needed here: ${implied.join(', ')}`);
  const expanded = command.filter((word) => word.isExpanded).map((word) => word.text);
  if (expanded.length > 0) {
    notes.push(
      `A shell would replace the variables in ${expanded.join(', ')}: enter their values.`,
    );
  }
  if (after.length > 0) {
    notes.push(`Not read: ${after.map((word) => word.text).join(' ')}`);
  }
}
