import type { Db } from '../db/database.ts';
import { OperatorError } from '../base/errors.ts';
import type { SecretBox } from '../base/secrets.ts';
import { installationRead } from './store.ts';

const PURPOSE = 'installation.key-check';

/**
 * Makes sure that this database was written with this key, before anything is sealed with another one.
 * @throws OperatorError
 */
export async function secretKeyCheck(db: Db, secrets: SecretBox): Promise<void> {
  await db
    .updateTable('installation')
    .set({ key_check: secrets.seal(PURPOSE, 'ok') })
    .where('key_check', 'is', null)
    .execute();
  const { key_check: check } = await installationRead(db);
  if (secretKeyOpens(secrets, check ?? Buffer.alloc(0))) return;
  throw new OperatorError(
    'The secret key is not the one that this database was written with: put back the SECRET_KEY, or the file secret-key in the data folder, from your backup.',
  );
}

/** Whether an installation's check was sealed with this key. */
export function secretKeyOpens(secrets: SecretBox, check: Buffer): boolean {
  try {
    secrets.open(PURPOSE, check);
    return true;
  } catch {
    return false;
  }
}
