/**
 * Where to go after signing in, given the `next` parameter of the URL.
 * @param origin the page's own.
 * @returns a path of the same origin; `/` for anything else, so that a link can't lead people to another site.
 */
export function returnPathOf(wanted: string | undefined, origin: string): string {
  if (wanted === undefined || !wanted.startsWith('/') || !URL.canParse(wanted, origin)) return '/';
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.pathname.startsWith('//')) return '/';
  if (/^\/sign-in\/?$/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
