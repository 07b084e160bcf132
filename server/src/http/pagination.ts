import type { Cursor, Page, PageRequest } from '../db/page.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** `p=<id>`, backwards `r=1&p=<id>`, in base64. */
export function cursorFormat(cursor: Cursor): string {
  const text = `${cursor.backwards ? 'r=1&' : ''}p=${cursor.position}`;
  return Buffer.from(text).toString('base64');
}

/** @returns null if the text is not a cursor of ours. */
export function cursorParse(text: string): Cursor | null {
  const match = /^(r=1&)?p=(0|[1-9]\d{0,15})$/.exec(Buffer.from(text, 'base64').toString('latin1'));
  const position = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(position)) return null;
  const cursor = { position, backwards: match[1] !== undefined };
  // Compared with what we would write, because base64 decoders skip invalid characters.
  return withoutPadding(cursorFormat(cursor)) === withoutPadding(text) ? cursor : null;
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
}

/** The page that the validated query parameters request. A limit above the maximum is treated as the maximum. */
export function pageRequestParse(query: {
  limit?: string | undefined;
  cursor?: string | undefined;
}): PageRequest {
  return {
    limit: query.limit === undefined ? DEFAULT_LIMIT : Math.min(Number(query.limit), MAX_LIMIT),
    cursor: query.cursor === undefined ? null : cursorParse(query.cursor),
  };
}

/** The reply's `next` and `previous`: absolute URLs that keep every other query parameter. */
export function pageLinks<Row extends { id: number }>(
  publicUrl: string,
  requestUrl: string,
  page: Page<Row>,
): { next: string | null; previous: string | null } {
  const { origin } = new URL(publicUrl);
  const asked = new URL(requestUrl, publicUrl);
  const link = (cursor: Cursor): string => {
    const url = new URL(asked);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    url.searchParams.set('cursor', cursorFormat(cursor));
    // A request in the absolute form may name another host.
    return `${origin}${url.pathname}${url.search}`;
  };
  // All rows of an empty page were deleted: its links lead back from where it would have been.
  const from = cursorParse(asked.searchParams.get('cursor') ?? '')?.position ?? 0;
  const newest = page.rows[0]?.id ?? Math.max(from - 1, 0);
  const oldest = page.rows.at(-1)?.id ?? Math.min(from + 1, Number.MAX_SAFE_INTEGER);
  return {
    next: page.hasOlder ? link({ position: oldest, backwards: false }) : null,
    previous: page.hasNewer ? link({ position: newest, backwards: true }) : null,
  };
}
