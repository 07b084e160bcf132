import { hostCommandRun } from '../daemon/host-command.ts';

/**
 * Runs a command while no other one runs on the same folder.
 * @throws HostCommandError also if the folder does not exist.
 */
export async function lockedRun(
  folder: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  // `flock` creates a file where there is nothing, but not inside a folder that is missing: another worker may just
  // have removed it.
  await hostCommandRun('flock', ['--exclusive', `${folder}/.`, ...command], signal);
}
