import { type DollarboxClient, unwrap } from './connect.ts';
import type { paths } from './schema.ts';

type ListPath = {
  // Those of one object need its id, too.
  [Path in keyof paths]: Path extends `${string}{${string}`
    ? never
    : paths[Path] extends ListOf<unknown>
      ? Path
      : never;
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
  // All lists take the same parameters; the path matters only for the types.
  const asked = { ...query } as QueryOf<'/containers/'>;
  yield* pagesAll(path, async (cursor) => {
    const params = { query: { ...asked, ...cursor } };
    const { next, results } = await unwrap(client.GET(path as '/containers/', { params }));
    return { next, results: results as ItemOf<Path>[] };
  });
}

/**
 * Iterates over all objects of a list that `listAll` does not know, as that of the workloads of an org.
 * @param list its name, for the error.
 * @param read reads a page; the cursor is to be added to its query.
 * @throws Error if a page leads back to one that it has shown; what `read` throws.
 */
export async function* pagesAll<Item>(
  list: string,
  read: (cursor: { cursor?: string }) => Promise<{ next: string | null; results: Item[] }>,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? {} : { cursor });
    yield* page.results;
    cursor = cursorOf(page.next);
    if (cursor !== undefined && seen.has(cursor)) {
      throw new Error(`The list ${list} leads back to a page that it has shown.`);
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}

function cursorOf(next: string | null): string | undefined {
  if (next === null) return undefined;
  return new URL(next).searchParams.get('cursor') ?? undefined;
}
