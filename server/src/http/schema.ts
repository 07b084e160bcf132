import { type TSchema, Type } from 'typebox';

/** A DNS label of at most 50 characters that starts with a letter. */
export const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$';

/** The query parameters of every list. */
export const PAGE_QUERY = {
  limit: Type.Optional(
    Type.String({
      pattern: '^0*[1-9][0-9]*$',
      fault: 'Must be a positive whole number.',
      description: 'Page size, 1 to 200, 50 if not given. More acts as 200.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({ description: 'Where the page starts: take it from `next` or `previous`.' }),
  ),
};

/** A page of a list. */
export function pageSchema(item: TSchema): TSchema {
  const link = Type.Union([Type.String({ format: 'uri' }), Type.Null()]);
  return Type.Object({ next: link, previous: link, results: Type.Array(item) });
}
