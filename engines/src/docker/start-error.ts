/** Why a process could not be started, out of what runc and Docker say. */

/**
 * Faults of the image or the command: starting again won't help. What may be shown of one begins with the first text
 * and goes to the end of one of the others. Looked for as texts: much of what is searched is the tenant's own, and a
 * pattern that goes back and forth over that would stand still for minutes.
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
  ['No command specified', ''],
  ['argument list too long', ''],
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
/** What a start failed with stands at the beginning and the end; between them may be all of a command. */
const LOOKED_AT_LENGTH = 4000;

/**
 * @param text what Docker said when a start failed; empty when none did.
 * @returns one line that a tenant may see, or null when it is not the process's own fault.
 */
export function startErrorSentence(text: string): string | null {
  const looked = endsOf(text, LOOKED_AT_LENGTH);
  for (const [begin, ...ends] of PROCESS_FAULTS) {
    const found = spanFind(looked, begin, ends);
    if (found !== null) return `The process could not be started: ${shorten(found)}`;
  }
  for (const [fault, why] of MOUNT_FAULTS) {
    if (!fault.test(looked)) continue;
    const place = MOUNT_PLACE.exec(looked)?.[1];
    const at = place === undefined ? 'where it is to be' : `at ${shorten(place)}`;
    return `A volume can not be mounted ${at}: ${why}.`;
  }
  return null;
}

/** From the first `begin` to the end of what comes first in the list of `ends` and is there. */
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
