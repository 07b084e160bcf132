import { type DollarboxClient, unwrap } from './connect.ts';
import type { paths } from './schema.ts';

type ListPath = {
  [Path in keyof paths]: paths[Path] extends ListOf<unknown> ? Path : never;
}[keyof paths];
interface ListOf<Item> {
  get: { responses: { 200: { content: { 'application/json': { results: Item[] } } } } };
}
type ItemOf<Path extends ListPath> = paths[Path] extends ListOf<infer Item> ? Item : never;
type QueryOf<Path extends ListPath> = NonNullable<paths[Path]['get']['parameters']['query']>;

/**
 * Iterates over all objects of a list, newest first, and reads pages as needed: `for await (const container of
 * listAll(client, '/containers/'))`.
 * @param query filters, and `limit` for the size of a page.
 * @throws DollarboxError when a page can't be read.
 */
export async function* listAll<Path extends ListPath>(
  client: DollarboxClient,
  path: Path,
  query?: QueryOf<Path>,
): AsyncGenerator<ItemOf<Path>, void, undefined> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    // All lists take the same parameters; the path matters only for the types.
    const asked = { ...query } as QueryOf<'/containers/'>;
    const params = { query: cursor === undefined ? asked : { ...asked, cursor } };
    const page = await unwrap(client.GET(path as '/containers/', { params }));
    yield* page.results as ItemOf<Path>[];
    cursor = cursorOf(page.next);
    if (cursor !== undefined && seen.has(cursor)) {
      throw new Error(`The list ${path} leads back to a page that it has shown.`);
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}

function cursorOf(next: string | null): string | undefined {
  if (next === null) return undefined;
  return new URL(next).searchParams.get('cursor') ?? undefined;
}
