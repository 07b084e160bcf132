import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** An e-mail address, as an account may have it: with no control character, and nothing that a header of a mail would take for more than one. */
export const EMAIL_PATTERN =
  '^[^\\s@\\u0000-\\u001f<>",;:()\\[\\]\\\\]{1,64}@[^\\s@\\u0000-\\u001f<>",;:()\\[\\]\\\\]{1,190}$';
export const EMAIL_MAX_LENGTH = 254;

const EMAIL = new RegExp(EMAIL_PATTERN, 'u');

export function isEmail(text: string): boolean {
  return text.length <= EMAIL_MAX_LENGTH && EMAIL.test(text);
}

/**
 * Whether a column holds this address, in capitals or not. The database lowers both: JavaScript does it otherwise for
 * some letters (the last sigma of a word, for one), and so would find nobody.
 */
export function emailIs(email: string, column = 'email'): RawBuilder<SqlBool> {
  return sql<SqlBool>`lower(${sql.ref(column)}) = lower(${email})`;
}
