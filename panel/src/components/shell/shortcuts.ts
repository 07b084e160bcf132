import { useQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import { accountQuery } from '../../api/queries.ts';
import { lastOrgOf } from '../../lib/last-org.ts';
import { ORG_ITEMS } from './navigation.tsx';

/** What a key opens over the page. */
export type Opened = 'palette' | 'keys';

const OFF = 'single-keys-off';
const listeners = new Set<() => void>();

function keysAreOn(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

/** Turns keys without Ctrl or ⌘ on or off, for people whom they get in the way of: speech input, for example. */
export function singleKeysSet(areOn: boolean): void {
  try {
    if (areOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  } catch {
    // Storage may be forbidden: they stay as they are.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(subscribe, keysAreOn);
}

/** What this keyboard calls the key that is held for commands. */
export function modifierName(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
}

/** How long `g` waits for the key after it, in milliseconds. */
const GO_MS = 2000;

/** Whether a key belongs to what has the focus or is open, rather than to the page. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target instanceof HTMLElement) {
    if (target.isContentEditable || target.matches('input, textarea, select')) return true;
  }
  return document.querySelector('[role=dialog], [role=menu]') !== null;
}

/** Listens to the keys that work on every page. @param open called to open something over it. */
export function useShortcuts(open: (what: Opened) => void): void {
  const router = useRouter();
  const { slug } = useParams({ strict: false });
  const { data: account } = useQuery(accountQuery);
  const wentAt = useRef(0);
  const orgs = account?.orgs ?? [];
  const org = orgs.find((candidate) => candidate.slug === slug) ?? lastOrgOf(orgs);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.altKey) {
      event.preventDefault();
      open('palette');
      return;
    }
    if (!keysAreOn() || isTaken(event)) return;
    const isGoing = event.timeStamp - wentAt.current < GO_MS && wentAt.current > 0;
    wentAt.current = 0;
    if (isGoing) {
      const item = ORG_ITEMS.find(({ key }) => key === event.key);
      if (org === undefined || item?.isFor?.(org.role) === false || item === undefined) return;
      event.preventDefault();
      void router.navigate({ to: item.to, params: { slug: org.slug } });
    } else if (event.key === 'g') {
      wentAt.current = event.timeStamp;
    } else if (event.key === 'c' && org !== undefined) {
      event.preventDefault();
      void router.navigate({ to: '/orgs/$slug/new-container', params: { slug: org.slug } });
    } else if (event.key === '/') {
      event.preventDefault();
      const search = document.querySelector<HTMLElement>('main input[type=search]');
      if (search === null) open('palette');
      else search.focus();
    } else if (event.key === '?') {
      event.preventDefault();
      open('keys');
    }
  });
  useEffect(() => {
    globalThis.addEventListener('keydown', press);
    return () => globalThis.removeEventListener('keydown', press);
  }, []);
}
