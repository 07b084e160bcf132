import { type DollarboxClient, type LogRow, unwrap } from './connect.ts';

/** What the server sends at most in one reply. */
const PAGE_ROWS = 1000;
const DEFAULT_ROWS = 200;

/** Which lines of a log are wanted. */
export interface LogFilter {
  /** Only lines written then or later, RFC 3339. */
  since?: string;
  /** Only lines written before then, RFC 3339. */
  until?: string;
  stream?: 'stdout' | 'stderr';
  /** Only lines that contain this text. */
  contains?: string;
}

/** The filter as parameters of a request. */
export function logQuery({ since, until, stream, contains }: LogFilter) {
  return {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(stream !== undefined && { stream }),
    ...(contains !== undefined && { contains }),
  };
}

/**
 * The last rows of a container's log, oldest first. Reads as many pages as it takes.
 * @param tail how many; default 200.
 * @throws DollarboxError when a page can't be read.
 */
export async function logsRead(
  client: DollarboxClient,
  id: number,
  { tail = DEFAULT_ROWS, ...filter }: LogFilter & { tail?: number } = {},
): Promise<LogRow[]> {
  const pages: LogRow[][] = [];
  let missing = tail;
  let cursor: string | null = null;
  do {
    const rows = Math.min(missing, PAGE_ROWS);
    const place = cursor === null ? { tail: rows } : { limit: rows, cursor };
    const page = await pageRead(client, id, { ...logQuery(filter), ...place });
    pages.push(page.results);
    missing -= page.results.length;
    cursor = page.previous === null ? null : new URL(page.previous).searchParams.get('cursor');
  } while (missing > 0 && cursor !== null);
  return pages.toReversed().flat();
}

interface LogPage {
  results: LogRow[];
  previous: string | null;
}

async function pageRead(client: DollarboxClient, id: number, query: object): Promise<LogPage> {
  const params = { path: { id }, query };
  // The document also describes the stream, which is asked for by a header.
  return (await unwrap(client.GET('/containers/{id}/logs/', { params }))) as LogPage;
}
