import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_SECONDS = 30;
/** A clock may be off by one step in either direction (RFC 6238, section 5.2). */
const STEPS_OFF = 1;
const DIGITS = 6;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The number of the 30-second step that contains a moment. */
export function totpStep(now: Date): number {
  return Math.floor(now.getTime() / 1000 / STEP_SECONDS);
}

/** The code of a step (RFC 6238 with HMAC-SHA-1 and six digits, which every app supports). */
export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  const number = (digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}

/**
 * The step to which a code belongs.
 * @param after the step of the last accepted code: that one and earlier ones are rejected, because a code works once.
 * @returns null if it belongs to no step that is valid now.
 */
export function totpStepOf(secret: Buffer, code: string, now: Date, after: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const current = totpStep(now);
  let found: number | null = null;
  for (let step = current - STEPS_OFF; step <= current + STEPS_OFF; step += 1) {
    const isEqual = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (isEqual && step > after && found === null) found = step;
  }
  return found;
}

/** RFC 4648 base32 without padding, for people to type into their app. */
export function base32Encode(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)] ?? '')
    .join('');
}

/** The URI that authenticator apps read from a QR code (Key Uri Format). */
export function totpUri(secret: Buffer, email: string): string {
  const label = `DollarBox:${email}`;
  return `otpauth://totp/${encodeURIComponent(label)}?secret=${base32Encode(secret)}&issuer=DollarBox`;
}
