import { spawn } from 'node:child_process';
import type { Io } from './io.ts';

/** The program that opens an address, and its arguments. Without a shell, since an address may hold anything. */
function openerOf({ env, platform }: Pick<Io, 'env' | 'platform'>): readonly string[] | null {
  const own = env['BROWSER'] ?? '';
  if (own !== '') return [own];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const hasDisplay = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((name) => (name ?? '') !== '');
  return hasDisplay ? ['xdg-open'] : null;
}

/** Opens an address in the browser. @returns false if there is none here, or it can't be started. */
export async function browserOpen(io: Pick<Io, 'env' | 'platform'>, url: string): Promise<boolean> {
  const [program, ...args] = openerOf(io) ?? [];
  if (program === undefined) return false;
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
