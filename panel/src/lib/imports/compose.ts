import { parseDocument } from 'yaml';
import { wordsParse } from '../command-text.ts';
import { type Imported, importedEmpty } from './imported.ts';
import {
  commandTake,
  envAdd,
  envTake,
  graceTake,
  mountAdd,
  mountTake,
  nameTake,
  portTake,
  pullTake,
} from './shared-rules.ts';

/** YAML with all scalars as they are written: `1.10` and `yes` are values of variables, not a number and a boolean. */
type Node = string | null | Node[] | { [key: string]: Node };

interface Reading extends Imported {
  entrypoint?: string[];
  words?: string[];
  unsupported: string[];
}

const KEYS: Readonly<Record<string, (node: Node, into: Reading) => void>> = {
  image(node, into) {
    if (typeof node === 'string') into.spec.image = node;
  },
  container_name(node, into) {
    if (typeof node === 'string') nameTake(node, into);
  },
  environment: environmentTake,
  env_file(node, into) {
    const files = listOf(node).map((file) => textOf(mapOf(file)['path'] ?? file));
    into.notes.push(
      `Paste the contents of ${files.join(', ')} as well: its variables are not in this text.`,
    );
  },
  ports(node, into) {
    for (const port of listOf(node)) {
      const { target, published, protocol = 'tcp' } = mapOf(port);
      if (typeof port === 'string') portTake(port, into);
      else
        portTake(
          `${published ? `${textOf(published)}:` : ''}${textOf(target)}/${textOf(protocol)}`,
          into,
        );
    }
  },
  expose(node, into) {
    for (const port of listOf(node)) portTake(textOf(port), into);
  },
  volumes(node, into) {
    for (const volume of listOf(node)) {
      if (typeof volume === 'string') mountTake(volume, into);
      else longVolumeTake(mapOf(volume), into);
    }
  },
  command(node, into) {
    const words = wordsOf(node, 'command', into);
    if (words !== undefined) into.words = words;
  },
  entrypoint(node, into) {
    const words = wordsOf(node, 'entrypoint', into);
    if (words !== undefined) into.entrypoint = words;
  },
  pull_policy: (node, into) => pullTake(textOf(node), into),
  stop_grace_period: (node, into) => graceTake(textOf(node), into),
  init(node, into) {
    into.spec.init = node === 'true';
  },
  restart(node, into) {
    if (node === 'no') into.unsupported.push('restart: no');
    else into.notes.push(`Not needed here: restart: ${textOf(node)}`);
  },
};

/**
 * Reads the services of a Compose file, or one service without its file.
 * @returns what each service says, by its name, which is empty for a service that stands alone.
 */
export function composeRead(
  text: string,
): { found: Record<string, Imported>; fault?: undefined } | { found?: undefined; fault: string } {
  const document = parseDocument(text, { schema: 'failsafe', merge: true, logLevel: 'silent' });
  let top: Record<string, Node>;
  try {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // Throws at an alias of nothing, and at aliases that would grow without end.
    top = mapOf(document.toJS() as Node);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { fault: message.split('\n')[0] ?? message };
  }
  const services = isService(top) ? { '': top } : mapOf(top['services'] ?? top);
  const names = Object.keys(services).filter((name) => isService(mapOf(services[name] ?? null)));
  if (names.length === 0) return { fault: 'No service with an image is in it.' };
  const read = names.map((name) => [name, serviceRead(name, mapOf(services[name] ?? null))]);
  return { found: Object.fromEntries(read) as Record<string, Imported> };
}

function isService(map: Record<string, Node>): boolean {
  return typeof map['image'] === 'string' || 'build' in map;
}

function serviceRead(name: string, service: Record<string, Node>): Imported {
  const into: Reading = { ...importedEmpty(), unsupported: [] };
  if (name !== '') nameTake(name, into);
  for (const [key, node] of Object.entries(service)) {
    const take = KEYS[key];
    if (take === undefined) into.unsupported.push(key);
    else take(unescaped(node, into), into);
  }
  commandTake(into.entrypoint, into.words, into);
  const { spec, notes, unsupported } = into;
  if (unsupported.length > 0) notes.push(`Not supported, and left out: ${unsupported.join(', ')}`);
  return { spec, notes };
}

/** Compose replaces `$NAME`, and `$$` stands for a dollar sign. */
function unescaped(node: Node, into: Reading): Node {
  if (Array.isArray(node)) return node.map((inner) => unescaped(inner, into));
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([key, inner]) => [key, unescaped(inner, into)]),
    );
  }
  if (node === null) return null;
  for (const [variable] of node.replaceAll('$$', '').matchAll(/\$(?:\{[^}]*\}|\w+)/g)) {
    into.notes.push(`Replace ${variable} by its value: Compose would read it from your machine.`);
  }
  return node.replaceAll('$$', '$');
}

function environmentTake(node: Node, into: Reading): void {
  if (Array.isArray(node)) {
    for (const line of node) envTake(textOf(line), into);
    return;
  }
  for (const [name, value] of Object.entries(mapOf(node))) envAdd(name, textOf(value), into);
}

function longVolumeTake(volume: Record<string, Node>, into: Reading): void {
  const { type = 'volume', source = '', target = '', ...options } = volume;
  const path = textOf(target);
  if (textOf(type) !== 'volume' && textOf(type) !== 'bind') {
    into.notes.push(`The ${textOf(type)} at ${path} is left out: only volumes can be mounted.`);
    return;
  }
  mountAdd(textOf(source), path, into);
  for (const key of Object.keys(options)) {
    into.notes.push(`The option “${key}” of the mount at ${path} is not supported.`);
  }
}

/** A command as a list, or as a line that is split as in a shell. */
function wordsOf(node: Node, key: string, into: Reading): string[] | undefined {
  if (Array.isArray(node)) return node.map(textOf);
  const { words, fault } = wordsParse(textOf(node));
  if (fault !== undefined) into.notes.push(`The ${key} was not understood: ${fault}`);
  return words;
}

function mapOf(node: Node): Record<string, Node> {
  return typeof node === 'object' && node !== null && !Array.isArray(node) ? node : {};
}

function listOf(node: Node): Node[] {
  return Array.isArray(node) ? node : [node];
}

function textOf(node: Node | undefined): string {
  if (typeof node === 'string') return node;
  return node === null || node === undefined ? '' : JSON.stringify(node);
}
