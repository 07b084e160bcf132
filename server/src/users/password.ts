import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { OperatorError } from '../errors.ts';
import { hashingTurn } from './hashing-turn.ts';

const PASSWORD_MIN_LENGTH = 12;
const KEY_BYTES = 64;
/** OWASP's password storage figures for scrypt: 2^14, 16, 1 (32 MiB) and stronger. */
const COST = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };

/** `<salt>:<key>` in hex, scrypt (RFC 7914). @throws OperatorError when the password is too short. */
export async function passwordHash(password: string): Promise<string> {
  if (password.length < PASSWORD_MIN_LENGTH) {
    throw new OperatorError(`A password needs at least ${PASSWORD_MIN_LENGTH} characters.`);
  }
  const salt = randomBytes(16).toString('hex');
  return `${salt}:${(await keyDerive(password, salt)).toString('hex')}`;
}

/** Hashes as costly as a real one's, and of no password. */
const NOBODY = `${'0'.repeat(32)}:${'0'.repeat(KEY_BYTES * 2)}`;

/**
 * Whether this is the password. Takes as long for an account that has none, or is not there.
 * @param hash as `passwordHash` made it; null where there is none.
 */
export async function passwordVerify(password: string, hash: string | null): Promise<boolean> {
  const [salt = '', hex = ''] = (hash === null || hash === '' ? NOBODY : hash).split(':');
  const key = await keyDerive(password, salt);
  const expected = Buffer.from(hex, 'hex');
  return key.length === expected.length && timingSafeEqual(key, expected);
}

/** Off the event loop, on a thread of Node's pool. */
function keyDerive(password: string, salt: string): Promise<Buffer> {
  return hashingTurn(
    () =>
      new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, derived) => {
          if (error === null) resolve(derived);
          else reject(error);
        });
      }),
  );
}
