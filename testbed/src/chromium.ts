import { existsSync } from 'node:fs';
import { aptEnsure, aptSkip } from '@dollarbox/host/apt';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** For node:test's `skip`: why this machine can't have a browser; false if it can. */
export function chromiumSkip(): string | false {
  if (PLACES.some((place) => existsSync(place))) return false;
  const noApt = aptSkip();
  if (noApt !== false) return noApt;
  return process.getuid?.() === 0 ? false : 'needs Chromium: install the package chromium';
}

/** The path of Chromium; installs Debian's if there is none. */
export async function chromiumEnsure(): Promise<string> {
  const found = PLACES.find((place) => existsSync(place));
  if (found !== undefined) return found;
  await aptEnsure(['chromium']);
  return '/usr/bin/chromium';
}

/** Its flags: no sandbox, because tests may run as root, and no background network requests. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
