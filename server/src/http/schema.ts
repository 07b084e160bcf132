import { type TSchema, Type } from 'typebox';

/** A DNS label of at most 50 characters that starts with a letter. */
export const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$';

/** The query parameters of every list. */
const PAGE_QUERY = {
  limit: Type.Optional(
    Type.String({
      pattern: '^0*[1-9][0-9]*$',
      fault: 'Must be a positive whole number.',
      // A query string holds text only: what the documents say of it.
      shownAs: { type: 'integer', minimum: 1, default: 50 },
      examples: [50],
      description: 'Page size, 1 to 200, 50 if not given. More acts as 200.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      examples: ['cD0y'],
      description: 'Where the page starts: take it from `next` or `previous`. Opaque.',
    }),
  ),
};

/**
 * The query of a list whose objects have a name and a status.
 * @param what its objects are called in the documents, in the plural.
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

/** A page of a list. `item` has a `title`, and `examples` for the documents. */
export function pageSchema(item: TSchema): TSchema {
  const { title, examples } = item as { title?: string; examples?: unknown[] };
  const link = (description: string) =>
    Type.Union([Type.String({ format: 'uri' }), Type.Null()], { description });
  return Type.Object(
    {
      next: link('URL of the next page, older objects; `null` on the last one.'),
      previous: link('URL of the page before, newer objects; `null` on the first one.'),
      results: Type.Array(item, { description: 'At most `limit` objects, newest first.' }),
    },
    {
      title: `${title}Page`,
      description: 'One page of a list.',
      examples: [{ next: null, previous: null, results: examples ?? [] }],
    },
  );
}
