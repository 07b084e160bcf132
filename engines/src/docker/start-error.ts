/** Why a process could not be started, out of what runc and Docker say. */

/** Faults of the image or the command: starting again won't help. Each gives what may be shown of it. */
const PROCESS_FAULTS: readonly RegExp[] = [
  /exec: ".*": executable file not found in \$PATH/,
  /exec: ".*": stat .*: no such file or directory/,
  /exec: ".*": (?:permission denied|is a directory)/,
  /exec format error/,
  /exec .*: (?:no such file or directory|permission denied|not a directory|argument list too long)/,
  /unable to find user .*: no matching entries in passwd file/,
  /unable to find group .*: no matching entries in group file/,
  /chdir to cwd \("[^"]*"\)[^:]*: (?:permission denied|not a directory|no such file or directory)/,
  /No command specified/,
  /argument list too long/,
];

/** Of what the image has where a volume is to be mounted. Docker names folders of the host with them. */
const MOUNT_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/source .* is not directory/, 'the image has a file there'],
  [/(?:lstat|mkdir|mount\w*) .*: not a directory/, 'the image has a file there, or above it'],
  [/(?:lstat|mkdir|mount\w*) .*: file name too long/, 'a name in it is too long'],
  [/too many (?:links|levels of symbolic links)/, "the image's links there lead in a circle"],
  [
    /cannot be mounted because it is (?:inside|not of type)/,
    'a link of the image leads into /proc',
  ],
  // Our file systems have no devices.
  [/reopening \/dev\/null inside container: .*: permission denied/, 'it would lie over /dev'],
];
/** After it comes the path in the container, links followed. */
const MOUNT_PLACE = /\/merged(\/[^":]*?)"?(?:: | is not directory| cannot be mounted|$)/;

const SHOWN_MAX_LENGTH = 300;

/**
 * @param text what Docker said when a start failed; empty when none did.
 * @returns one line that a tenant may see, or null when it is not the process's own fault.
 */
export function startErrorSentence(text: string): string | null {
  for (const fault of PROCESS_FAULTS) {
    const found = fault.exec(text)?.[0];
    if (found !== undefined) return `The process could not be started: ${shorten(found)}`;
  }
  for (const [fault, why] of MOUNT_FAULTS) {
    if (!fault.test(text)) continue;
    const place = MOUNT_PLACE.exec(text)?.[1];
    const at = place === undefined ? 'where it is to be' : `at ${shorten(place)}`;
    return `A volume can not be mounted ${at}: ${why}.`;
  }
  return null;
}

function shorten(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, SHOWN_MAX_LENGTH);
}
