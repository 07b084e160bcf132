import { timingSafeEqual } from 'node:crypto';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import type { SecretBox } from '../secrets.ts';
import { totpStepOf } from './totp.ts';

const SECRET_BYTES = 20;
const BACKUP_CODES = 10;
/** Without letters and digits that look alike: 31 of them, ten a code, are 49 bits. */
const BACKUP_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const BACKUP_LENGTH = 10;

type Deps = Pick<ApiDeps, 'clock' | 'random' | 'secrets'>;

/** Another user's secret does not open as this one's. */
const sealPurpose = (userId: number) => `two-factor ${userId}`;

export interface TwoFactor {
  secret: Buffer;
  isConfirmed: boolean;
  lastStep: number;
  backupCodeHashes: Buffer[];
}

/** A user's second factor, confirmed or not, held until this transaction ends. */
export async function twoFactorHold(
  db: Db,
  secrets: SecretBox,
  userId: number,
): Promise<TwoFactor | null> {
  const row = await db
    .selectFrom('two_factors')
    .select(['secret_sealed', 'confirmed_at', 'last_step', 'backup_code_hashes'])
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    secret: Buffer.from(secrets.open(sealPurpose(userId), row.secret_sealed), 'base64'),
    isConfirmed: row.confirmed_at !== null,
    lastStep: row.last_step,
    backupCodeHashes: row.backup_code_hashes,
  };
}

/** Makes a second factor that does not count yet, in place of one that never did. */
export async function twoFactorBegin(db: Db, deps: Deps, userId: number): Promise<Buffer> {
  const secret = deps.random.bytes(SECRET_BYTES);
  const values = {
    secret_sealed: deps.secrets.seal(sealPurpose(userId), secret.toString('base64')),
    created_at: deps.clock.now(),
    confirmed_at: null,
    last_step: 0,
    backup_code_hashes: [],
  };
  await db
    .insertInto('two_factors')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute();
  return secret;
}

/** From now on it counts. @param step of the code that proved it: no code of it or before is taken any more. */
export async function twoFactorConfirm(
  db: Db,
  deps: Deps,
  userId: number,
  step: number,
): Promise<void> {
  await db
    .updateTable('two_factors')
    .set({ confirmed_at: deps.clock.now(), last_step: step })
    .where('user_id', '=', userId)
    .execute();
}

export async function twoFactorDelete(db: Db, userId: number): Promise<boolean> {
  const result = await db
    .deleteFrom('two_factors')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return result.numDeletedRows > 0n;
}

/** Makes new backup codes in place of those there are. @returns them in clear: they are kept as hashes. */
export async function backupCodesCreate(db: Db, deps: Deps, userId: number): Promise<string[]> {
  const codes = Array.from({ length: BACKUP_CODES }, () => backupCodeMake(deps));
  await backupCodesKeep(
    db,
    userId,
    codes.map((code) => backupCodeHash(deps.secrets, userId, code)),
  );
  return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
}

/**
 * Takes a code: each is good once, in whatever process, since the factor is held.
 * @returns false when it is none, or was taken before.
 */
export async function codeTake(
  db: Db,
  deps: Deps,
  userId: number,
  typed: string,
): Promise<boolean> {
  const factor = await twoFactorHold(db, deps.secrets, userId);
  if (factor === null || !factor.isConfirmed) return false;
  const code = typed.replaceAll(/[ -]/g, '').toLowerCase();
  const step = totpStepOf(factor.secret, code, deps.clock.now(), factor.lastStep);
  if (step !== null) {
    const taken = db.updateTable('two_factors').set({ last_step: step });
    await taken.where('user_id', '=', userId).execute();
    return true;
  }
  const hash = backupCodeHash(deps.secrets, userId, code);
  const left = factor.backupCodeHashes.filter((kept) => !timingSafeEqual(kept, hash));
  if (left.length === factor.backupCodeHashes.length) return false;
  await backupCodesKeep(db, userId, left);
  return true;
}

async function backupCodesKeep(db: Db, userId: number, hashes: Buffer[]): Promise<void> {
  await db
    .updateTable('two_factors')
    .set({ backup_code_hashes: hashes })
    .where('user_id', '=', userId)
    .execute();
}

/** With a key, since codes that people can type are too short to withstand guessing at a dump. */
function backupCodeHash(secrets: SecretBox, userId: number, code: string): Buffer {
  return secrets.digest(`backup-code ${userId}`, code);
}

function backupCodeMake({ random }: Pick<Deps, 'random'>): string {
  let code = '';
  while (code.length < BACKUP_LENGTH) {
    for (const byte of random.bytes(BACKUP_LENGTH)) {
      // Bytes past the last whole round of the alphabet would favour its beginning.
      if (byte < 248 && code.length < BACKUP_LENGTH) code += BACKUP_ALPHABET[byte % 31] ?? '';
    }
  }
  return code;
}
