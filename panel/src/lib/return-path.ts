/**
 * Where to go after signing in, from what a URL says.
 * @param origin the page's own.
 * @returns a path of this very origin; `/` for anything else, so that a link can't lead people away.
 */
export function returnPathOf(wanted: string | undefined, origin: string): string {
  if (wanted === undefined || !wanted.startsWith('/') || !URL.canParse(wanted, origin)) return '/';
  const url = new URL(wanted, origin);
  if (url.origin !== origin || url.pathname.startsWith('//')) return '/';
  if (/^\/sign-in\/?$/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
