import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from '../base/system.ts';

/**
 * `dbx_<public id: 12>_<secret: 34 random + 6 of CRC-32>`, all base62 (`0-9A-Za-z`). The checksum
 * covers everything before it, so that a scanner or the server can reject a mistyped token offline.
 */
const TOKEN = /^dbx_([0-9A-Za-z]{12})_([0-9A-Za-z]{40})$/;
const CHECKSUM_LENGTH = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export interface NewToken {
  /** Shown once, never stored. */
  token: string;
  publicId: string;
  secretHash: Buffer;
}

export function tokenGenerate(random: Random): NewToken {
  const publicId = random.base62(12);
  const body = `dbx_${publicId}_${random.base62(34)}`;
  const token = body + checksum(body);
  return { token, publicId, secretHash: tokenHash(token) };
}

/** The public id of a well-formed token with a valid checksum, else null. */
export function tokenParse(token: string): string | null {
  const match = TOKEN.exec(token);
  if (match === null) return null;
  const body = token.slice(0, -CHECKSUM_LENGTH);
  return checksum(body) === token.slice(-CHECKSUM_LENGTH) ? (match[1] ?? null) : null;
}

export function tokenHash(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Compares in constant time. */
export function tokenMatches(token: string, secretHash: Buffer): boolean {
  const found = tokenHash(token);
  return found.length === secretHash.length && timingSafeEqual(found, secretHash);
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    text = BASE62[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
