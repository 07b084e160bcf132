/** Finds the reason why a process could not be started in the errors of runc and Docker. */

/**
 * Faults of the image or the command, which another start would not fix. The part that may be shown begins with the
 * first text and ends with one of the others. They are plain strings, since much of the searched text is written by
 * the tenant: a pattern that backtracks over it could take minutes.
 */
const PROCESS_FAULTS: readonly (readonly [string, ...string[]])[] = [
  [
    'exec: "',
    '": executable file not found in $PATH',
    ': no such file or directory',
    '": permission denied',
    '": is a directory',
    ': file name too long',
  ],
  ['exec format error', ''],
  [
    'exec ',
    ': no such file or directory',
    ': permission denied',
    ': not a directory',
    ': argument list too long',
  ],
  ['unable to find user ', ': no matching entries in passwd file'],
  ['unable to find group ', ': no matching entries in group file'],
  [
    'chdir to cwd ("',
    ': permission denied',
    ': not a directory',
    ': no such file or directory',
    ': file name too long',
  ],
  ['exec: "', ': invalid argument'],
  ['No command specified', ''],
  ['argument list too long', ''],
  ["environment variable name can't be empty", ''],
  ["environment variable value can't contain null", ''],
];

/** Faults of one of the image's settings or files. Docker's own text may name folders of the host. */
const NO_INIT =
  "The container engine's machine has no docker-init, which `init: true` needs: its operator has to install it (it is part of Docker's packages, and a link to tini on Debian and Ubuntu).";

const IMAGE_FAULTS: readonly (readonly [fault: string, sentence: string])[] = [
  [
    'Cwd must be an absolute path',
    "The image's WorkingDir is not an absolute path: the process could not be started.",
  ],
  [
    'uids and gids must be in range',
    "The image's User is out of range: user and group ids are 0 to 2147483647.",
  ],
];
/** `unable to find user app: read …/etc/passwd: is a directory` */
const USER_LIST_FAULT = /unable to find (?:user|group)/;
const USER_LIST = /\/etc\/(passwd|group)(?=: [a-z ]+$|$)/m;
/** Docker mounts its own files over these. */
const OWN_FILE_FAULT =
  /to rootfs at "(\/etc\/(?:resolv\.conf|hosts|hostname)|\/(?:usr\/)?s?bin\/docker-init)"/;
/** The error of runc or Docker if it can't create the folder that the process is to start in. */
const WORKING_DIR_FAULT =
  /Cannot mkdir: (\/.*) is not a directory|container init: mkdir (\/(?!\S*\/merged\/)[^:]*): (?:no such file|not a dir|read-only|permission|file name|too many)/;

/**
 * Faults of what the image has at the path of a volume or of the working directory. Docker's text names folders of
 * the host.
 */
const MOUNT_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/source .* is not directory/, 'the image has a file there'],
  [/(?:lstat|mkdir|mount\w*) .*: not a directory/, 'the image has a file there, or above it'],
  [/(?:lstat|mkdir|mount\w*) .*: file name too long/, 'a name in it is too long'],
  [/too many (?:links|levels of symbolic links)/, "the image's links there lead in a circle"],
  [
    /cannot be mounted because it is (?:inside|not of type)/,
    'a link of the image leads into /proc',
  ],
  [/lstat .*: invalid argument/, 'its path contains a character that a path can not have'],
  // Our file systems do not allow devices.
  [/reopening \/dev\/null inside container: .*: permission denied/, 'it would lie over /dev'],
];
/** The path in the container, with links resolved, follows it. */
const MOUNT_PLACE = /\/merged(\/[^":]*?)"?(?:: | is not directory| cannot be mounted|$)/;

const SHOWN_MAX_LENGTH = 300;
/** The reason is at the beginning and at the end. The text between may contain an entire command. */
const LOOKED_AT_LENGTH = 4000;

/**
 * @param text Docker's error of a failed start; empty if none failed.
 * @param mountPaths where the container's volumes are mounted.
 * @returns one line that a tenant may see, or null if it is not a fault of the image or the command.
 */
export function startErrorSentence(
  text: string,
  mountPaths: readonly string[] = [],
): string | null {
  const looked = endsOf(text, LOOKED_AT_LENGTH);
  // The same fault of a command of that name is reported by the runtime.
  const isOwn = !looked.includes('OCI runtime');
  if (isOwn && looked.includes('exec: "docker-init": ')) return NO_INIT;
  for (const [fault, sentence] of IMAGE_FAULTS) if (looked.includes(fault)) return sentence;
  const list = USER_LIST.exec(looked)?.[1];
  // Without the path of the list in the text, the fault is a user that the list does not contain.
  const isListFault =
    list !== undefined && (USER_LIST_FAULT.test(looked) || looked.includes('too many links'));
  if (isListFault) {
    return `The image's /etc/${list} can't be read: it must be a file, or be missing.`;
  }
  const ownFile = OWN_FILE_FAULT.exec(looked)?.[1];
  if (ownFile !== undefined) {
    return `The image has something other than a file at ${ownFile}: the process could not be started.`;
  }
  for (const [begin, ...ends] of PROCESS_FAULTS) {
    const found = spanFind(looked, begin, ends);
    if (found !== null) return `The process could not be started: ${shorten(found)}`;
  }
  const [, file, made] = WORKING_DIR_FAULT.exec(looked) ?? [];
  if (file !== undefined || made !== undefined) {
    return `The working directory ${shorten(file ?? made ?? '')} can't be used: it is not a folder and can't be made one.`;
  }
  return placeFaultSentence(looked, mountPaths);
}

/** Docker does not report whether a path is a volume's or the working directory. */
function placeFaultSentence(looked: string, mountPaths: readonly string[]): string | null {
  for (const [fault, why] of MOUNT_FAULTS) {
    if (!fault.test(looked)) continue;
    const place = MOUNT_PLACE.exec(looked)?.[1];
    if (mountPaths.length === 0 && place !== undefined) {
      return `The working directory ${shorten(place)} can't be used: ${why}.`;
    }
    const at = place === undefined ? 'where it is to be' : `at ${shorten(place)}`;
    return `A volume can not be mounted ${at}: ${why}.`;
  }
  return null;
}

/** From the first `begin` to the end of the first entry of `ends` that occurs. */
function spanFind(text: string, begin: string, ends: readonly string[]): string | null {
  const start = text.indexOf(begin);
  if (start < 0) return null;
  for (const end of ends) {
    const found = text.indexOf(end, start + begin.length);
    if (found >= 0) return text.slice(start, found + end.length);
  }
  return null;
}

function endsOf(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length / 2)} … ${text.slice(-length / 2)}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= SHOWN_MAX_LENGTH ? line : endsOf(line, SHOWN_MAX_LENGTH);
}
