import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { OperatorError } from './errors.ts';

/** Encrypts what must not be readable in a dump of the database. */
export interface SecretBox {
  /** `purpose` is authenticated: what was sealed for one place does not open in another. */
  seal(purpose: string, plaintext: string): Buffer;
  /** @throws when the bytes were sealed with another key or purpose, or were changed. */
  open(purpose: string, sealed: Buffer): string;
  /** HMAC-SHA-256: the same for equal text and purpose, and nothing that could be guessed at without the key. */
  digest(purpose: string, text: string): Buffer;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) with a key derived by HKDF-SHA-256 (RFC 5869). */
export function secretBoxCreate(secretKey: string): SecretBox {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', secretKey, 'dollarbox', use, 32));
  const key = derive('secret-box v1');
  const digestKey = derive('secret-digest v1');
  return {
    seal(purpose, plaintext) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open(purpose, sealed) {
      if (sealed[0] !== VERSION) throw new Error('sealed bytes of an unknown version');
      const bodyStart = 1 + NONCE_BYTES + TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, bodyStart));
      return (
        decipher.update(sealed.subarray(bodyStart), undefined, 'utf8') + decipher.final('utf8')
      );
    },
    digest(purpose, text) {
      return createHmac('sha256', digestKey).update(`${purpose}\n${text}`).digest();
    },
  };
}

/** The key from `SECRET_KEY`, or from the file in the data folder, which the first start makes. */
export function secretKeyLoad(config: Pick<Config, 'secretKey' | 'dataDir'>): string {
  if (config.secretKey !== null) return config.secretKey;
  const path = join(config.dataDir, 'secret-key');
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = readFileSync(path, 'utf8').trim();
  if (key.length < 32) {
    throw new OperatorError(
      `The file ${path} holds no key of 32 characters or more: put back the one from your backup.`,
    );
  }
  return key;
}
