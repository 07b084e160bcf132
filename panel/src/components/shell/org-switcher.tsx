import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Boxes, ChevronsUpDown } from 'lucide-react';
import { accountQuery } from '../../api/queries.ts';
import { Menu, MenuItem, MenuLabel } from '../ui/menu.tsx';

/** Leads from one org to another. Which one it is stands in the URL alone. */
export function OrgSwitcher() {
  const { slug } = useParams({ strict: false });
  const { data: account } = useSuspenseQuery(accountQuery);
  const orgs = account?.orgs ?? [];
  const [only] = orgs.length === 1 ? orgs : [];
  const current = orgs.find((org) => org.slug === slug) ?? only;
  if (orgs.length === 0) return null;
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex h-11 w-full items-center gap-3 rounded-lg border border-line bg-surface px-2.5 text-left text-sm hover:border-edge"
        >
          {current === undefined ? (
            <Boxes className="mx-1 size-4 shrink-0 text-faint" aria-hidden="true" />
          ) : (
            <OrgTile name={current.name} />
          )}
          <span className="min-w-0 flex-1 truncate font-medium">
            <span className="sr-only">Org: </span>
            {current?.name ?? 'Choose an org'}
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-faint" aria-hidden="true" />
        </button>
      }
    >
      <MenuLabel>Your orgs</MenuLabel>
      {orgs.map((org) => (
        <MenuItem key={org.slug} asChild>
          <Link to="/orgs/$slug/" params={{ slug: org.slug }}>
            <OrgTile name={org.name} />
            <span className="min-w-0 flex-1 truncate">{org.name}</span>
            <span className="text-xs text-faint">{org.role}</span>
          </Link>
        </MenuItem>
      ))}
    </Menu>
  );
}

/** An org's letter, to find it by. */
export function OrgTile({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-6 shrink-0 place-items-center rounded-md bg-brand-soft text-xs font-semibold text-brand uppercase"
    >
      {[...name.trim()][0] ?? '?'}
    </span>
  );
}
