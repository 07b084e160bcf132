/**
 * Secrets that tests can find again: each one contains this word, so that a search for it finds any secret in clear,
 * wherever it leaked to. It is base62, as are the secrets that the server generates.
 */
export const CANARY = 'canary5f2d9c81';

/** A secret for a test to use, such as a password or the value of a variable. */
export function canaryOf(secret: string): string {
  return `${secret} ${CANARY}`;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The word as it looks in the encodings in which logs, dumps and links show bytes. */
const FORMS: readonly string[] = [
  CANARY,
  Buffer.from(CANARY).toString('hex'),
  Buffer.from(CANARY).toString('hex').toUpperCase(),
  ...encodedForms(3, 6, (bytes) => bytes.toString('base64')),
  ...encodedForms(5, 5, base32),
];

/** @returns the surroundings of the first canary in a text, in clear or in an encoding; null if there is none. */
export function canaryFind(text: string): string | null {
  for (const form of FORMS) {
    const index = text.indexOf(form);
    if (index !== -1) return text.slice(Math.max(0, index - 80), index + form.length + 20);
  }
  return null;
}

/**
 * The word's encodings at each place where it may begin in a group of bytes, without the characters that depend on its
 * neighbours.
 */
function encodedForms(
  groupBytes: number,
  characterBits: number,
  encode: (bytes: Buffer) => string,
): string[] {
  return Array.from({ length: groupBytes }, (_, before) => {
    const text = encode(Buffer.concat([Buffer.alloc(before), Buffer.from(CANARY)]));
    const start = Math.ceil((before * 8) / characterBits);
    const end = Math.floor(((before + CANARY.length) * 8) / characterBits);
    return text.slice(start, end);
  });
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = bits.match(/.{1,5}/g) ?? [];
  return characters.map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}
