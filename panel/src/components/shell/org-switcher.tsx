import { useQuery } from '@tanstack/react-query';
import { Link, useMatches, useParams } from '@tanstack/react-router';
import { ChevronsUpDown, LayoutGrid, Plus } from 'lucide-react';
import { accountQuery, setupQuery } from '../../api/queries.ts';
import { lastOrgOf } from '../../lib/last-org.ts';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu.tsx';

const FRAME =
  'flex h-11 w-full items-center gap-3 rounded-lg border border-line bg-surface px-2.5 text-left text-sm';

/** Switches between orgs and keeps the section. The current org is that of the URL, else the last one. */
export function OrgSwitcher() {
  const { slug } = useParams({ strict: false });
  const { data: account } = useQuery(accountQuery);
  const { data: setup } = useQuery(setupQuery);
  const section = useSection();
  if (account == null) return <div className={FRAME} aria-hidden="true" />;
  const { orgs } = account;
  const current = orgs.find((org) => org.slug === slug) ?? lastOrgOf(orgs);
  const isOpen = setup?.org_creation === 'open';
  if (current === undefined && !isOpen) return null;
  return (
    <Menu
      trigger={
        <button type="button" className={`${FRAME} hover:border-edge`}>
          <OrgTile name={current?.name ?? '+'} />
          <span className="min-w-0 flex-1 truncate font-medium">
            <span className="sr-only">Org: </span>
            {current?.name ?? 'No org yet'}
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-faint" aria-hidden="true" />
        </button>
      }
    >
      {orgs.length > 0 && <MenuLabel>Your orgs</MenuLabel>}
      {orgs.map((org) => (
        <MenuItem key={org.slug} asChild>
          <Link to={section} params={{ slug: org.slug }}>
            <OrgTile name={org.name} />
            <span className="min-w-0 flex-1 truncate">{org.name}</span>
            <span className="text-xs text-faint">{org.role}</span>
          </Link>
        </MenuItem>
      ))}
      {orgs.length > 0 && <MenuSeparator />}
      {orgs.length > 1 && (
        <MenuItem asChild>
          <Link to="/orgs">
            <LayoutGrid className="size-4" aria-hidden="true" />
            All orgs
          </Link>
        </MenuItem>
      )}
      {isOpen && (
        <MenuItem asChild>
          <Link to="/new-org">
            <Plus className="size-4" aria-hidden="true" />
            New org
          </Link>
        </MenuItem>
      )}
    </Menu>
  );
}

/** The section of the org that is open, as a path for any org: its list, not the object that is shown. */
function useSection(): '/orgs/$slug' {
  const section = useMatches({
    select: (matches) =>
      matches
        .map(({ fullPath }) => /^\/orgs\/\$slug\/[a-z]+(?=\/|$)/.exec(fullPath)?.[0])
        .findLast((path) => path !== undefined),
  });
  // The type of one path stands for all of them: each takes the slug and nothing else.
  return (section ?? '/orgs/$slug') as '/orgs/$slug';
}

/** A tile with the initial of an org. */
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
