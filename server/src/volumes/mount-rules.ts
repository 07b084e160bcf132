import type { FieldFaults } from '../base/errors.ts';
import { faultAdd } from '../http/validate.ts';

export const NO_SUCH_VOLUME = 'There is no such volume in this org.';

const MAX_PATH_BYTES = 1024;
/** Paths where the kernel exposes its own state. */
const KERNEL_FOLDERS = ['/proc', '/sys', '/dev'];

/**
 * The faults of a list of mounts that can be found without reading the table. The input may be anything: the schema
 * reports wrong types.
 */
export function mountFaults(mounts: readonly unknown[], faults: FieldFaults): void {
  const volumes = new Set<number>();
  const paths: string[] = [];
  for (const [index, mount] of mounts.entries()) {
    if (typeof mount !== 'object' || mount === null) continue;
    const { volume, mount_path: path } = mount as Record<string, unknown>;
    if (typeof volume === 'number') {
      const fault = volumeFault(volume, volumes);
      if (fault !== null) faultAdd(faults, `volumes.${index}.volume`, fault);
      volumes.add(volume);
    }
    if (typeof path === 'string') {
      const fault = pathFault(path) ?? nestingFault(path, paths);
      if (fault !== null) faultAdd(faults, `volumes.${index}.mount_path`, fault);
      paths.push(path);
    }
  }
}

function volumeFault(volume: number, before: ReadonlySet<number>): string | null {
  if (before.has(volume)) return 'Must not name the same volume twice.';
  if (!Number.isInteger(volume)) return null;
  return volume >= 1 && Number.isSafeInteger(volume) ? null : NO_SUCH_VOLUME;
}

function pathFault(path: string): string | null {
  if (!path.startsWith('/')) return 'Must be an absolute path, such as "/var/lib/data".';
  if (path === '/') return 'Must not be the root folder: name one below it.';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `Must have at most ${MAX_PATH_BYTES} bytes.`;
  // eslint-disable-next-line no-control-regex -- the pattern looks for exactly these
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'Must not contain control characters.';
  if (path.includes(':')) return 'Must not contain a colon: no engine could mount it there.';
  const steps = path.slice(1).split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    return 'Must be written in full: no "//", no "." or "..", no "/" at the end.';
  }
  const kernel = KERNEL_FOLDERS.find((folder) => isWithin(path, folder));
  return kernel === undefined ? null : `Must not be ${kernel} or below it.`;
}

function nestingFault(path: string, before: readonly string[]): string | null {
  const other = before.find((each) => isWithin(path, each) || isWithin(each, path));
  if (other === undefined) return null;
  return other === path
    ? 'Must not be where another volume is.'
    : 'Must not be inside the folder of another volume, or around it.';
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
