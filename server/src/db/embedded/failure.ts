/** Why PostgreSQL did not start, in one sentence, and whether retrying soon may help. */
export interface EmbeddedFailure {
  message: string;
  transient: boolean;
}

interface FailureContext {
  dataFolder: string;
  logPath: string;
}

const DAMAGE =
  /pg_control|invalid (primary )?checkpoint|valid checkpoint|checksum|could not (open|read|access|find) (file|directory|redo)|required WAL directory|does not appear to be|database files are incompatible/i;

/**
 * Interprets what a PostgreSQL program wrote before it ended. The messages are in English because we start it with
 * LC_ALL=C. Unknown messages are passed on unchanged.
 */
export function embeddedFailure(output: string, where: FailureContext): EmbeddedFailure {
  const { dataFolder, logPath } = where;
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.findLast((line) => /\b(FATAL|PANIC|error):\s/.test(line));
  const cause = (fatal ?? lines.at(-1) ?? 'it said nothing')
    .replace(/^.*?\b(FATAL|PANIC):\s+/, '')
    .trim();
  const settled = (message: string) => ({ message, transient: false });

  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return settled(`no space is left on the disk of ${dataFolder}: free some and start again`);
  }
  if (/^(unshare|mount|setpriv): /m.test(output)) {
    return settled(
      `user postgres can't enter ${dataFolder}, and it could not be shown to it (${lines.at(-1)}): ` +
        'move this folder and DATA_DIR to where every user may enter, start as a user other than root, ' +
        'or set DATABASE_URL',
    );
  }
  if (/pre-existing shared memory block|lock file .* already exists/.test(output)) {
    return {
      message: `another PostgreSQL still uses ${dataFolder} (${cause}): stop it and start again`,
      transient: true,
    };
  }
  if (DAMAGE.test(cause)) {
    return settled(`the database in ${dataFolder} is damaged (${cause}): restore it from a backup`);
  }
  return settled(`PostgreSQL did not start (${cause}): see ${logPath}`);
}
