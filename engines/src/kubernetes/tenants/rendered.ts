/** Compares objects with what they were made from. Pure. */

/**
 * Whether `found` has everything that `wanted` has, as it was wanted. The API server adds fields and gives defaults, so
 * fields that are not wanted do not count; elements of lists do.
 */
export function isRendered(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((each, index) => isRendered(each, found[index]))
    );
  }
  if (wanted !== null && typeof wanted === 'object') {
    if (found === null || typeof found !== 'object') return false;
    const fields = found as Record<string, unknown>;
    return Object.entries(wanted).every(([name, value]) => isRendered(value, fields[name]));
  }
  return wanted === found;
}
