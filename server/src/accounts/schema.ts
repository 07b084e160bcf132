// Parts that the schemas of several account routes share.
import { type TSchema, Type } from 'typebox';

export const closed = { additionalProperties: false } as const;

export const time = (description: string) => Type.String({ format: 'date-time', description });

export const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });

/** A password to verify: any length, within reason. */
export const password = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, description });

/** A new password. `password-rules.ts` has the other rules. */
export const newPassword = (description: string) =>
  Type.String({ minLength: 12, maxLength: 256, description });

export const code = Type.String({
  pattern: '^[0-9A-Za-z -]{6,20}$',
  fault: 'Must be a code of your authenticator app, or one of your backup codes.',
  description: 'Six digits from the authenticator app, or a backup code.',
});

export const linkToken = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The `token` of the link in the mail.',
});

export const Nothing = Type.Object(
  {},
  { title: 'Nothing', description: 'It was done; the reply has no content.', examples: [{}] },
);

export const LinkToken = Type.Object({ token: linkToken }, { title: 'LinkToken', ...closed });

export const Code = Type.Object({ code }, { title: 'Code', ...closed });

export const Password = Type.Object(
  { password: password("The account's password.") },
  { title: 'Password', ...closed },
);

/** A whole list without pages: there are never many. */
export const resultsOf = <T extends TSchema>(item: T) =>
  Type.Object(
    { results: Type.Array(item, { description: 'All of them, newest first.' }) },
    {
      title: `${(item as { title?: string }).title}List`,
      description: 'All of them; there are never many.',
      examples: [{ results: (item as { examples?: unknown[] }).examples ?? [] }],
    },
  );
