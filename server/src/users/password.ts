import { randomBytes, scrypt } from 'node:crypto';
import { OperatorError } from '../errors.ts';

const MIN_LENGTH = 12;
const KEY_BYTES = 64;
/** OWASP's password storage figures for scrypt: 2^14, 16, 1 (16 MiB) and stronger. */
const COST = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };

/** `<salt>:<key>` in hex, scrypt (RFC 7914). @throws OperatorError when the password is too short. */
export async function passwordHash(password: string): Promise<string> {
  if (password.length < MIN_LENGTH) {
    throw new OperatorError(`A password needs at least ${MIN_LENGTH} characters.`);
  }
  const salt = randomBytes(16).toString('hex');
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
  return `${salt}:${key.toString('hex')}`;
}
