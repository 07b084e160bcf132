import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import {
  Box,
  Gauge,
  HardDrive,
  KeyRound,
  LayoutDashboard,
  PackageCheck,
  ScrollText,
  Settings,
  ShieldCheck,
  SquareTerminal,
  UserRound,
  Users,
} from 'lucide-react';
import type { ComponentType, ReactNode } from 'react';
import { accountQuery } from '../../api/queries.ts';
import { lastOrgOf } from '../../lib/last-org.ts';
import type { MemberOrg } from './org-context.ts';

const ITEM =
  'flex min-h-11 items-center gap-3 rounded-lg px-3 text-sm font-medium text-soft hover:bg-sunken hover:text-ink data-[status=active]:bg-brand-soft data-[status=active]:text-brand lg:min-h-9';

type Icon = ComponentType<{ className?: string }>;

interface OrgItem {
  to:
    | '/orgs/$slug'
    | '/orgs/$slug/containers'
    | '/orgs/$slug/volumes'
    | '/orgs/$slug/members'
    | '/orgs/$slug/registries'
    | '/orgs/$slug/kubectl'
    | '/orgs/$slug/usage'
    | '/orgs/$slug/audit'
    | '/orgs/$slug/settings';
  text: string;
  icon: Icon;
  /** Pressed after `g`, it opens this page. */
  key?: string;
  /** Highlighted on this page alone, not on those below it. */
  isExact?: boolean;
  /** Who sees it; everyone if absent. */
  isFor?: (role: MemberOrg['role']) => boolean;
}

/** The pages of an org, in the order of the sidebar. */
export const ORG_ITEMS: readonly OrgItem[] = [
  { to: '/orgs/$slug', text: 'Overview', icon: LayoutDashboard, key: 'o', isExact: true },
  { to: '/orgs/$slug/containers', text: 'Containers', icon: Box, key: 'c' },
  { to: '/orgs/$slug/volumes', text: 'Volumes', icon: HardDrive, key: 'v' },
  { to: '/orgs/$slug/members', text: 'Members', icon: Users, key: 'm' },
  { to: '/orgs/$slug/registries', text: 'Registries', icon: PackageCheck, key: 'r' },
  { to: '/orgs/$slug/kubectl', text: 'kubectl', icon: SquareTerminal, key: 'k' },
  { to: '/orgs/$slug/usage', text: 'Usage', icon: Gauge, key: 'u' },
  {
    to: '/orgs/$slug/audit',
    text: 'Audit log',
    icon: ScrollText,
    key: 'l',
    isFor: (role) => role !== 'member',
  },
  { to: '/orgs/$slug/settings', text: 'Settings', icon: Settings, key: 's' },
];

export const PERSONAL_ITEMS = [
  { to: '/settings/account', text: 'Account', icon: UserRound },
  { to: '/settings/security', text: 'Security', icon: ShieldCheck },
  { to: '/settings/api-tokens', text: 'API tokens', icon: KeyRound },
] as const;

/** The links in the sidebar: the pages of the org, then those of the person. */
export function Navigation() {
  const { slug } = useParams({ strict: false });
  const { data: account } = useQuery(accountQuery);
  const orgs = account?.orgs ?? [];
  const org = orgs.find((candidate) => candidate.slug === slug) ?? lastOrgOf(orgs);
  return (
    <nav aria-label="Main" className="grid gap-5">
      {org !== undefined && (
        <Group>
          {ORG_ITEMS.filter(({ isFor }) => isFor?.(org.role) ?? true).map(
            ({ to, text, icon, isExact = false }) => (
              <Link
                key={to}
                to={to}
                params={{ slug: org.slug }}
                activeOptions={{ exact: isExact }}
                className={ITEM}
              >
                <Item text={text} icon={icon} />
              </Link>
            ),
          )}
        </Group>
      )}
      <div className="border-t border-line pt-5 first:border-0 first:pt-0">
        <Group>
          {PERSONAL_ITEMS.map(({ to, text, icon }) => (
            <Link key={to} to={to} className={ITEM}>
              <Item text={text} icon={icon} />
            </Link>
          ))}
        </Group>
      </div>
    </nav>
  );
}

function Group({ children }: { children: ReactNode }) {
  return <div className="grid gap-0.5">{children}</div>;
}

function Item({ text, icon: Icon }: { text: string; icon: Icon }) {
  return (
    <>
      <Icon className="size-4 shrink-0" aria-hidden="true" />
      {text}
    </>
  );
}
