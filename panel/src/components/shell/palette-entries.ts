import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import {
  BookOpen,
  Box,
  Building2,
  HardDrive,
  Keyboard,
  type LucideIcon,
  Play,
  Plus,
  RotateCw,
  Square,
  SunMoon,
  User,
} from 'lucide-react';
import type { ContainerVerb } from '../../api/container-writes.ts';
import { type ContainerRow, containersQuery, volumesQuery } from '../../api/org-queries.ts';
import { accountQuery, membersQuery, setupQuery } from '../../api/queries.ts';
import { lastOrgOf } from '../../lib/last-org.ts';
import { type ThemeChoice, themeChoose } from '../../theme/theme.ts';
import { useContainerAct } from '../../api/use-container-act.ts';
import { ORG_ITEMS, PERSONAL_ITEMS } from './navigation.tsx';
import type { MemberOrg } from './org-context.ts';
import type { Findable } from './palette-find.ts';

export interface Entry extends Findable {
  /** Unique among all entries. */
  id: string;
  group: 'Actions' | 'Pages' | 'Containers' | 'Volumes' | 'Members' | 'Orgs';
  icon: LucideIcon | (typeof ORG_ITEMS)[number]['icon'];
  /** Beside the text. */
  hint?: string;
  run: () => void;
}

const THEMES: readonly ThemeChoice[] = ['light', 'dark', 'system'];
const CONTAINER_PAGES = {
  logs: 'Logs',
  env: 'Variables',
  volumes: 'Volumes',
  events: 'Events',
  settings: 'Settings',
};

/** Returns a function that opens an address. */
type Go = (href: string) => () => void;

/** Everything that can be found, in the order in which equal results are shown. */
export function usePaletteEntries(onKeys: () => void): Entry[] {
  const router = useRouter();
  const { slug: openSlug, name } = useParams({ strict: false });
  const { data: account } = useQuery(accountQuery);
  const { data: setup } = useQuery(setupQuery);
  const orgs = account?.orgs ?? [];
  const org = orgs.find(({ slug }) => slug === openSlug) ?? lastOrgOf(orgs);
  const things = useThings(org);
  const { act } = useContainerAct(org?.slug ?? '');
  const go: Go = (href) => () => void router.navigate({ href });
  const shown = things.containers.find((one) => one.name === name);
  return [
    ...(org === undefined || shown === undefined ? [] : tabsOf(org.slug, shown.name, go)),
    ...actionsOf(org, setup?.org_creation === 'open', onKeys, go),
    ...pagesOf(org, go),
    ...thingsOf(org?.slug ?? '', things, go),
    ...verbsOf(things.containers, act),
    ...orgs.map(({ slug, name: text, role }): Entry => ({
      id: `org:${slug}`,
      group: 'Orgs',
      icon: Building2,
      text,
      also: slug,
      hint: role,
      run: go(`/orgs/${slug}`),
    })),
  ];
}

function useThings(org: MemberOrg | undefined) {
  const slug = org?.slug ?? '';
  const enabled = org !== undefined;
  const { data: containers = [] } = useQuery({ ...containersQuery(slug), enabled });
  const { data: volumes = [] } = useQuery({ ...volumesQuery(slug), enabled });
  // The first page of them: an org has few members, and the page of members shows the others.
  const { data: people } = useInfiniteQuery({ ...membersQuery(slug), enabled });
  return { containers, volumes, members: people?.pages.flatMap(({ results }) => results) ?? [] };
}

/** The pages of the container that is open. */
function tabsOf(slug: string, name: string, go: Go): Entry[] {
  return Object.entries(CONTAINER_PAGES).map(([path, page]) => ({
    id: `tab:${path}`,
    group: 'Pages',
    icon: Box,
    text: `${name}: ${page}`,
    run: go(`/orgs/${slug}/containers/${name}/${path}`),
  }));
}

function actionsOf(
  org: MemberOrg | undefined,
  mayCreateOrgs: boolean,
  onKeys: () => void,
  go: Go,
): Entry[] {
  const actions: Entry[] = [];
  const add = (text: string, icon: LucideIcon, run: () => void, also = '') =>
    actions.push({ id: `action:${text}`, group: 'Actions', icon, text, also, run });
  if (org !== undefined)
    add('New container', Plus, go(`/orgs/${org.slug}/new-container`), 'create');
  if (mayCreateOrgs) add('New org', Plus, go('/new-org'), 'create');
  add('Keyboard shortcuts', Keyboard, onKeys, 'keys help');
  for (const theme of THEMES) add(`Theme: ${theme}`, SunMoon, () => themeChoose(theme));
  return actions;
}

function pagesOf(org: MemberOrg | undefined, go: Go): Entry[] {
  const slug = org?.slug ?? '';
  const ofOrg = org === undefined ? [] : ORG_ITEMS.filter(({ isFor }) => isFor?.(org.role) ?? true);
  const page = (href: string, text: string, icon: Entry['icon']): Entry => {
    return { id: `page:${href}`, group: 'Pages', icon, text, run: go(href) };
  };
  return [
    ...ofOrg.map(({ to, text, icon }) => page(to.replace('$slug', slug), text, icon)),
    ...PERSONAL_ITEMS.map(({ to, text, icon }) => page(to, text, icon)),
    {
      id: 'page:api',
      group: 'Pages',
      icon: BookOpen,
      text: 'API reference',
      run: () => globalThis.location.assign('/api/v1/docs/'),
    },
  ];
}

function thingsOf(
  slug: string,
  { containers, volumes, members }: ReturnType<typeof useThings>,
  go: Go,
): Entry[] {
  return [
    ...containers.map(({ id, name, image, ipv6_address: address }): Entry => ({
      id: `container:${id}`,
      group: 'Containers',
      icon: Box,
      text: name,
      also: `${image} ${address ?? ''}`,
      hint: image,
      run: go(`/orgs/${slug}/containers/${name}`),
    })),
    ...volumes.map(({ id, name, size_gb: size }): Entry => ({
      id: `volume:${id}`,
      group: 'Volumes',
      icon: HardDrive,
      text: name,
      hint: `${size} GB`,
      run: go(`/orgs/${slug}/volumes/${name}`),
    })),
    ...members.map(({ id, email, role }): Entry => ({
      id: `member:${id}`,
      group: 'Members',
      icon: User,
      text: email,
      hint: role,
      run: go(`/orgs/${slug}/members`),
    })),
  ];
}

/** What can be done with each container without opening it. */
function verbsOf(
  containers: readonly ContainerRow[],
  act: ReturnType<typeof useContainerAct>['act'],
): Entry[] {
  const verb = (
    container: ContainerRow,
    name: ContainerVerb,
    word: string,
    icon: LucideIcon,
  ): Entry => ({
    id: `${name}:${container.id}`,
    group: 'Actions',
    icon,
    text: `${word} ${container.name}`,
    run: () => act(container, name),
  });
  return containers.flatMap((container) =>
    container.desired_status === 'stopped'
      ? [verb(container, 'start', 'Start', Play)]
      : [verb(container, 'restart', 'Restart', RotateCw), verb(container, 'stop', 'Stop', Square)],
  );
}
