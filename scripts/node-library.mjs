/** The one library that the project's own Node needs and a minimal Debian lacks. Plain JavaScript for Node 20. */
import { spawnSync } from 'node:child_process';

const LIBRARY = 'libatomic.so.1';
const PACKAGE = 'libatomic1';
const SYSTEM_PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/**
 * Whether the loader finds the library. True where this can't be determined (macOS, musl): there the program itself
 * fails with a message.
 * @param {string} cache what `ldconfig -p` prints; empty if there is no such program.
 */
export function libraryIsThere(cache) {
  return cache === '' || cache.includes(LIBRARY);
}

/**
 * Makes sure that the library is available. As root on Debian or Ubuntu, installs it.
 * @param {(text: string) => void} tell
 * @returns {string | null} what to do if it is not available.
 */
export function libraryEnsure(tell) {
  if (libraryIsThere(ldconfig())) return null;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && run('apt-get', ['--version']).status === 0) {
    tell(`Installing ${PACKAGE} with apt-get, which Node 26 needs …`);
    run('apt-get', ['update', '-q']);
    run('apt-get', [
      'install',
      '-qy',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=300',
      PACKAGE,
    ]);
    if (libraryIsThere(ldconfig())) return null;
  }
  return (
    `The project's own Node needs the library ${LIBRARY}, which this machine lacks: install it ` +
    `("apt-get install ${PACKAGE}" on Debian and Ubuntu, "dnf install libatomic" on Fedora) and start again.`
  );
}

function ldconfig() {
  return run('ldconfig', ['-p']).stdout ?? '';
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const env = { ...process.env, PATH: SYSTEM_PATH, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return spawnSync(command, args, { encoding: 'utf8', env });
}
