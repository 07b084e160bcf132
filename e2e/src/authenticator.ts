import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const STEP_MS = 30_000;
/** A code that was returned stays valid for at least this long. */
const LASTS_MS = 15_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app that holds one secret. */
export interface Authenticator {
  /**
   * A code that is valid for a while and was not returned before. The clock may be off by one step, so the third code
   * may take a moment.
   */
  next(): Promise<string>;
}

/** @param secret in base32, as people type it. */
export function authenticatorCreate(secret: string): Authenticator {
  const key = base32Decode(secret.replaceAll(' ', ''));
  let last = -Infinity;
  return {
    async next() {
      const oldest = Math.floor((Date.now() + LASTS_MS) / STEP_MS) - 1;
      last = Math.max(last + 1, oldest);
      await delay(Math.max(0, (last - 1) * STEP_MS - Date.now()));
      return codeOf(key, last);
    },
  };
}

/** RFC 6238 with HMAC-SHA-1 and six digits. */
function codeOf(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

function base32Decode(text: string): Buffer {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
