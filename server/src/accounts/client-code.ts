import { hash } from 'node:crypto';
import type { Random } from '../base/system.ts';

/** Consonants, so that no code is a word, and none is read as a digit: 20 letters, 4.3 bits each. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 12;
const GROUP = 4;

/** What a person types to find a sign-in: `BCDF-GHJK-LMNP`. */
export interface ClientCode {
  text: string;
  /** The first group, which finds the sign-in; it is no secret. The rest is 34 bits, and five guesses end it. */
  group: string;
  hash: Buffer;
}

export function clientCodeCreate(random: Random): ClientCode {
  let letters = '';
  while (letters.length < LENGTH) {
    // Multiples of 20 below 256: each letter is as likely.
    for (const byte of random.bytes(LENGTH)) {
      if (byte < 240 && letters.length < LENGTH) letters += LETTERS[byte % LETTERS.length];
    }
  }
  return codeOf(letters);
}

/** A code as a person has typed it, in any case, with or without dashes; null if it can be none. */
export function clientCodeParse(typed: string): ClientCode | null {
  const letters = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  const isCode = letters.length === LENGTH && [...letters].every((each) => LETTERS.includes(each));
  return isCode ? codeOf(letters) : null;
}

function codeOf(letters: string): ClientCode {
  const text = letters.replaceAll(/(.{4})(?!$)/g, '$1-');
  return { text, group: letters.slice(0, GROUP), hash: hash('sha256', letters, 'buffer') };
}
