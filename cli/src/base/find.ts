import { type Container, type Volume, listAll, unwrap } from '@dollarbox/client';
import { CliError } from './exit.ts';
import type { Session } from './session.ts';

/** A header that names the org of an object: a write by id needs it if the caller is in several orgs. */
export function inOrg({ org }: { org: string }): { 'X-Dollarbox-Org': string } {
  return { 'X-Dollarbox-Org': org };
}

/** Everything of a list. */
export async function allOf<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of list) all.push(item);
  return all;
}

/** Names start with a letter, so digits are an id. */
const ID = /^\d+$/;

/** The only one of the objects that a name may mean. @throws CliError if there is none, or several. */
function only<T extends { org: string }>(found: readonly T[], kind: string, name: string): T {
  const [first, ...more] = found;
  if (first === undefined) {
    throw new CliError('notFound', `There is no ${kind} ${name}.`);
  }
  if (more.length === 0) return first;
  const orgs = found.map(({ org }) => org).join(', ');
  throw new CliError('usage', `Several orgs have a ${kind} ${name}: ${orgs}.`, 'Pass --org.');
}

/** A container by its name or id. @throws CliError if there is none. */
export async function containerFind({ client }: Session, reference: string): Promise<Container> {
  if (ID.test(reference)) {
    const params = { path: { id: Number(reference) } };
    return unwrap(client.GET('/containers/{id}/', { params }));
  }
  const found = await allOf(listAll(client, '/containers/', { name: reference }));
  return only(found, 'container', reference);
}

/** A volume by its name or id. @throws CliError if there is none. */
export async function volumeFind({ client }: Session, reference: string): Promise<Volume> {
  if (ID.test(reference)) {
    const params = { path: { id: Number(reference) } };
    return unwrap(client.GET('/volumes/{id}/', { params }));
  }
  const found = await allOf(listAll(client, '/volumes/', { name: reference }));
  return only(found, 'volume', reference);
}

interface Keyed {
  id: number;
  org: string;
}

/** One of a short list, by its id or by what people call it. @throws CliError if there is none. */
export async function listedFind<T extends Keyed>(
  list: AsyncIterable<T> | readonly T[],
  { kind, reference, nameOf }: { kind: string; reference: string; nameOf(item: T): string },
): Promise<T> {
  const found: T[] = [];
  for await (const item of list) {
    const isMeant = ID.test(reference)
      ? item.id === Number(reference)
      : nameOf(item).toLowerCase() === reference.toLowerCase();
    if (isMeant) found.push(item);
  }
  return only(found, kind, reference);
}
