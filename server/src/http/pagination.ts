const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Where a page starts: rows older than `position`, or newer when `backwards`. */
export interface Cursor {
  position: number;
  backwards: boolean;
}

export interface PageRequest {
  limit: number;
  cursor: Cursor | null;
}

/** One page, newest first, and whether there is more on either side. */
export interface Page<Row> {
  rows: Row[];
  hasNewer: boolean;
  hasOlder: boolean;
}

/** `p=<id>`, backwards `r=1&p=<id>`, in base64. */
export function cursorFormat(cursor: Cursor): string {
  const text = `${cursor.backwards ? 'r=1&' : ''}p=${cursor.position}`;
  return Buffer.from(text).toString('base64');
}

/** @returns null when the text is not a cursor of ours. */
export function cursorParse(text: string): Cursor | null {
  const match = /^(r=1&)?p=(0|[1-9]\d{0,15})$/.exec(Buffer.from(text, 'base64').toString('latin1'));
  const position = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(position)) return null;
  const cursor = { position, backwards: match[1] !== undefined };
  // Compared with what we would write: base64 readers skip over noise.
  return withoutPadding(cursorFormat(cursor)) === withoutPadding(text) ? cursor : null;
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
}

/** The page that validated query parameters ask for; a limit above the largest acts as the largest. */
export function pageRequestParse(query: {
  limit?: string | undefined;
  cursor?: string | undefined;
}): PageRequest {
  return {
    limit: query.limit === undefined ? DEFAULT_LIMIT : Math.min(Number(query.limit), MAX_LIMIT),
    cursor: query.cursor === undefined ? null : cursorParse(query.cursor),
  };
}

/**
 * Makes a page out of up to `limit + 1` rows, fetched in the cursor's direction.
 * @param isBeyond whether there is any row on the side that the cursor came from.
 */
export function pageMake<Row>(
  request: PageRequest,
  fetched: readonly Row[],
  isBeyond: boolean,
): Page<Row> {
  const more = fetched.length > request.limit;
  const rows = fetched.slice(0, request.limit);
  if (request.cursor?.backwards === true) {
    return { rows: rows.toReversed(), hasNewer: more, hasOlder: isBeyond };
  }
  return { rows, hasNewer: isBeyond, hasOlder: more };
}

/** The reply's `next` and `previous`: absolute, with every other query parameter kept. */
export function pageLinks<Row extends { id: number }>(
  publicUrl: string,
  requestUrl: string,
  page: Page<Row>,
): { next: string | null; previous: string | null } {
  const base = new URL(publicUrl);
  const asked = new URL(requestUrl, base);
  const link = (cursor: Cursor): string => {
    const url = new URL(asked);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    url.searchParams.set('cursor', cursorFormat(cursor));
    return `${base.origin}${base.pathname.replace(/\/$/, '')}${url.pathname}${url.search}`;
  };
  // All of an empty page's rows have gone: its links lead back from where it would have been.
  const from = cursorParse(asked.searchParams.get('cursor') ?? '')?.position ?? 0;
  const newest = page.rows[0]?.id ?? Math.max(from - 1, 0);
  const oldest = page.rows.at(-1)?.id ?? Math.min(from + 1, Number.MAX_SAFE_INTEGER);
  return {
    next: page.hasOlder ? link({ position: oldest, backwards: false }) : null,
    previous: page.hasNewer ? link({ position: newest, backwards: true }) : null,
  };
}
