const KEY = 'org';

/** Remembers the org that was opened last in this browser. */
export function lastOrgKeep(slug: string): void {
  try {
    localStorage.setItem(KEY, slug);
  } catch {
    // Storage may be forbidden: the first org is opened then.
  }
}

/** The org that was opened last, else the first; undefined for people who are in none. */
export function lastOrgOf<Org extends { slug: string }>(orgs: readonly Org[]): Org | undefined {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden.
  }
  return orgs.find(({ slug }) => slug === kept) ?? orgs[0];
}
