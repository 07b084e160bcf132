import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { OperatorError } from './errors.ts';

/** Encrypts data that must not be readable in a dump of the database. */
export interface SecretBox {
  /** `purpose` is authenticated: data sealed for one purpose can't be opened for another. */
  seal(purpose: string, plaintext: string | Buffer): Buffer;
  /** @throws if the bytes were sealed with another key or purpose, or were changed. */
  open(purpose: string, sealed: Buffer): string;
  /** Like `open`, for data that was sealed as bytes. */
  openBytes(purpose: string, sealed: Buffer): Buffer;
  /** HMAC-SHA-256. Equal for equal text and purpose; guesses can't be checked without the key. */
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
  function openBytes(purpose: string, sealed: Buffer): Buffer {
    if (sealed[0] !== VERSION) throw new Error('sealed bytes of an unknown version');
    const bodyStart = 1 + NONCE_BYTES + TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, bodyStart));
    return Buffer.concat([decipher.update(sealed.subarray(bodyStart)), decipher.final()]);
  }
  return {
    seal(purpose, plaintext) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open: (purpose, sealed) => openBytes(purpose, sealed).toString('utf8'),
    openBytes,
    digest(purpose, text) {
      return createHmac('sha256', digestKey).update(`${purpose}\n${text}`).digest();
    },
  };
}

/** The key from `SECRET_KEY`, or from the file in the data folder, which the first start creates. */
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
