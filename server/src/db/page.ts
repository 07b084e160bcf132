/** Where a page starts: at rows older than `position`, or newer if `backwards`. */
export interface Cursor {
  position: number;
  backwards: boolean;
}

export interface PageRequest {
  limit: number;
  cursor: Cursor | null;
}

/** One page, newest first, and whether there are more rows on either side. */
export interface Page<Row> {
  rows: Row[];
  hasNewer: boolean;
  hasOlder: boolean;
}

/**
 * Builds a page from up to `limit + 1` rows, fetched in the cursor's direction.
 * @param isBeyond whether there is any row on the side that the cursor came from.
 */
export function pageCreate<Row>(
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
