import { type TProperties, type TSchema, Type } from 'typebox';
import { EMAIL_MAX_LENGTH, EMAIL_PATTERN } from '../users/email.ts';

/** A DNS label of at most 50 characters that starts with a letter. */
export const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$';

/** The fault of a cursor that is not one of ours. */
export const CURSOR_FAULT = 'Must be taken from "next" or "previous" as it is.';

/** An id in a reply. */
export const idSchema = (description: string) => Type.Integer({ format: 'int64', description });

/** A display name, without control characters, which would break lists. */
export const displayNameSchema = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 100,
    pattern:
      '^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$',
    fault: 'Must have 1 to 100 characters, not only spaces, and no control characters.',
    description,
  });

export const emailSchema = (description: string) =>
  Type.String({
    maxLength: EMAIL_MAX_LENGTH,
    pattern: EMAIL_PATTERN,
    fault: 'Must be an e-mail address.',
    description,
  });

/** The size of a page of any list. */
export const PAGE_LIMIT = Type.Optional(
  Type.String({
    pattern: '^0*[1-9][0-9]*$',
    fault: 'Must be a positive whole number.',
    // A query string holds only text; this is for the documents.
    shownAs: { type: 'integer', minimum: 1, default: 50 },
    examples: [50],
    description:
      'Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.',
  }),
);

/** The query parameters of every list that is newest first. */
const PAGE_QUERY = {
  limit: PAGE_LIMIT,
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/_-]+={0,2}$',
      fault: CURSOR_FAULT,
      examples: ['cD0y'],
      description: 'Where the page starts: take it from `next` or `previous`. Opaque.',
    }),
  ),
};

/**
 * The query of a list whose objects have a name and a status.
 * @param what the name of its objects in the documents, in the plural.
 */
export function listQuerySchema<Status extends string[]>(
  what: string,
  statuses: readonly [...Status],
) {
  return Type.Object(
    {
      ...PAGE_QUERY,
      name: Type.Optional(Type.String({ description: `Only ${what} of this name.` })),
      status: Type.Optional(
        Type.Enum(statuses, {
          fault: `Must be one of ${statuses.join(', ')}.`,
          description: `Only ${what} of this status.`,
        }),
      ),
    },
    { additionalProperties: false },
  );
}

/** The query of a list with filters of its own. */
export function pageQuerySchema<P extends TProperties>(filters: P) {
  return Type.Object({ ...PAGE_QUERY, ...filters }, { additionalProperties: false });
}

/**
 * A page of a list. `item` has a `title`, and `examples` for the documents.
 * @param first which objects come first.
 */
export function pageSchema(item: TSchema, first: 'newest' | 'oldest' = 'newest'): TSchema {
  const [on, back] = first === 'newest' ? ['older', 'newer'] : ['newer', 'older'];
  const { title, examples } = item as { title?: string; examples?: unknown[] };
  const link = (description: string) =>
    Type.Union([Type.String({ format: 'uri' }), Type.Null()], { description });
  return Type.Object(
    {
      next: link(`URL of the next page, ${on} objects; \`null\` on the last one.`),
      previous: link(`URL of the page before, ${back} objects; \`null\` on the first one.`),
      results: Type.Array(item, { description: `At most \`limit\` objects, ${first} first.` }),
    },
    {
      title: `${title}Page`,
      description: 'One page of a list.',
      examples: [{ next: null, previous: null, results: examples ?? [] }],
    },
  );
}
