import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** An email address that an account may have: no control characters, and nothing that a mail header would split. */
export const EMAIL_PATTERN =
  '^[^\\s@\\u0000-\\u001f<>",;:()\\[\\]\\\\]{1,64}@[^\\s@\\u0000-\\u001f<>",;:()\\[\\]\\\\]{1,190}$';
export const EMAIL_MAX_LENGTH = 254;

const EMAIL = new RegExp(EMAIL_PATTERN, 'u');

export function isEmail(text: string): boolean {
  return text.length <= EMAIL_MAX_LENGTH && EMAIL.test(text);
}

/**
 * Whether a column holds this address, ignoring case. The database converts both to lower case: JavaScript does it differently
 * for some letters (a final sigma, for example), and would not find the account.
 */
export function emailIs(email: string, column = 'email'): RawBuilder<SqlBool> {
  return sql<SqlBool>`lower(${sql.ref(column)}) = lower(${email})`;
}
