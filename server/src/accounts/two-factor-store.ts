import { timingSafeEqual } from 'node:crypto';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../http/deps.ts';
import type { SecretBox } from '../base/secrets.ts';
import { totpStepOf } from './totp.ts';

const SECRET_BYTES = 20;
const BACKUP_CODES = 10;
/** 31 characters, without ones that look alike; ten of them are 49 bits. */
const BACKUP_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const BACKUP_LENGTH = 10;

type Deps = Pick<ApiDeps, 'clock' | 'random' | 'secrets'>;

/** Binds the encrypted secret to its user. */
const sealPurpose = (userId: number) => `two-factor ${userId}`;

export interface TwoFactor {
  secret: Buffer;
  isConfirmed: boolean;
  lastStep: number;
  backupCodeHashes: Buffer[];
}

/** A user's second factor, confirmed or not, locked until this transaction ends. */
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

/** Creates a second factor that is not active yet, replacing an unconfirmed one. */
export async function twoFactorInsert(db: Db, deps: Deps, userId: number): Promise<Buffer> {
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

/** Activates it. @param step of the code that confirmed it: its code and earlier ones are no longer accepted. */
export async function twoFactorRowConfirm(
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

export async function twoFactorRowDelete(db: Db, userId: number): Promise<boolean> {
  const result = await db
    .deleteFrom('two_factors')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return result.numDeletedRows > 0n;
}

/** Replaces the backup codes. @returns the new ones in clear; only hashes are stored. */
export async function backupCodesReplace(db: Db, deps: Deps, userId: number): Promise<string[]> {
  const codes = Array.from({ length: BACKUP_CODES }, () => backupCodeCreate(deps));
  await backupCodesKeep(
    db,
    userId,
    codes.map((code) => backupCodeHash(deps.secrets, userId, code)),
  );
  return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
}

/**
 * Accepts a code. Each works once across all processes, because the factor is locked.
 * @returns false if it is invalid or was used before.
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

/** Keyed, because codes short enough to type could be guessed from a dump. */
function backupCodeHash(secrets: SecretBox, userId: number, code: string): Buffer {
  return secrets.digest(`backup-code ${userId}`, code);
}

function backupCodeCreate({ random }: Pick<Deps, 'random'>): string {
  let code = '';
  while (code.length < BACKUP_LENGTH) {
    for (const byte of random.bytes(BACKUP_LENGTH)) {
      // Bytes beyond the last whole multiple of the alphabet would favor its first letters.
      if (byte < 248 && code.length < BACKUP_LENGTH) code += BACKUP_ALPHABET[byte % 31] ?? '';
    }
  }
  return code;
}
