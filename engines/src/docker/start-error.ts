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

const SHOWN_MAX_LENGTH = 300;

/**
 * @param text what Docker said when a start failed; empty when none did.
 * @returns one line that a tenant may see, or null when it is not the process's own fault.
 */
export function startErrorSentence(text: string): string | null {
  for (const fault of PROCESS_FAULTS) {
    const found = fault.exec(text)?.[0];
    if (found === undefined) continue;
    const line = found.replaceAll(/\s+/g, ' ').slice(0, SHOWN_MAX_LENGTH);
    return `The process could not be started: ${line}`;
  }
  return null;
}
