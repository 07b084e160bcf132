import { existsSync } from 'node:fs';
import { aptEnsure, aptSkip } from './apt.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** For node:test's `skip`: why there can be no browser on this machine; false when there can. */
export function chromiumSkip(): string | false {
  if (PLACES.some((place) => existsSync(place))) return false;
  const noApt = aptSkip();
  if (noApt !== false) return noApt;
  return process.getuid?.() === 0 ? false : 'needs Chromium: install the package chromium';
}

/** Where Chromium is; installs Debian's when there is none. */
export async function chromiumEnsure(): Promise<string> {
  const found = PLACES.find((place) => existsSync(place));
  if (found !== undefined) return found;
  await aptEnsure(['chromium']);
  return '/usr/bin/chromium';
}

/** What it is started with: no sandbox, since tests may run as root, and no talk of its own with the world. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
