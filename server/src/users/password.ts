import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { InvalidInput } from '../base/domain-error.ts';
import { hashingTurn } from './hashing-turn.ts';

const PASSWORD_MIN_LENGTH = 12;
const KEY_BYTES = 64;
/** OWASP's recommended parameters for scrypt: 2^14, 16, 1 (32 MiB) and stronger. */
const COST = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };

/** `<salt>:<key>` in hex, scrypt (RFC 7914). @throws DomainError if the password is too short. */
export async function passwordHash(password: string): Promise<string> {
  if (password.length < PASSWORD_MIN_LENGTH) {
    throw new InvalidInput({
      password: [`A password needs at least ${PASSWORD_MIN_LENGTH} characters.`],
    });
  }
  const salt = randomBytes(16).toString('hex');
  return `${salt}:${(await keyDerive(password, salt)).toString('hex')}`;
}

/** A hash of no password, as expensive to verify as a real one. */
const NOBODY = `${'0'.repeat(32)}:${'0'.repeat(KEY_BYTES * 2)}`;

/**
 * Whether this is the password. Takes equally long if the account has none, or does not exist.
 * @param hash from `passwordHash`; null if there is none.
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
