import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'theme';
const DARK = '(prefers-color-scheme: dark)';
const listeners = new Set<() => void>();

function choiceRead(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

function themeApply(): void {
  const choice = choiceRead();
  const isDark = choice === 'dark' || (choice === 'system' && matchMedia(DARK).matches);
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  const canvas = getComputedStyle(document.documentElement).getPropertyValue('--canvas').trim();
  document.querySelector<HTMLMetaElement>('meta[name="theme-color"]')!.content = canvas;
  for (const listener of listeners) listener();
}

/** Follows the system's theme and choices made in other tabs. `public/theme.js` sets it before the first paint. */
export function themeFollow(): void {
  matchMedia(DARK).addEventListener('change', themeApply);
  globalThis.addEventListener('storage', themeApply);
}

export function themeChoose(choice: ThemeChoice): void {
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be forbidden: keep the system's theme.
  }
  themeApply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, choiceRead);
}
