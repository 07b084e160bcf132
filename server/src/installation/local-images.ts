import { canonicalReference, imageReferenceParse } from '@dollarbox/engines/image-reference';
import type { Db } from '../db/database.ts';

/**
 * Decides which images on the engine every org may use, whoever pulled or built them. All others may be the operator's
 * private builds or another org's, and are used for an org only if its own pull obtained them.
 * @param allowed references as in a container's `image`. If null, all are allowed while there is one org, and none once
 * there is a second.
 */
export function localImagesPolicy(
  db: Db,
  allowed: readonly string[] | null,
): (ref: string) => Promise<boolean> {
  if (allowed === null) {
    return async () => (await db.selectFrom('orgs').select('id').limit(2).execute()).length < 2;
  }
  const parsed = allowed.flatMap((each) => imageReferenceParse(each) ?? []);
  const references = new Set(parsed.map(canonicalReference));
  return async (ref) => references.has(ref);
}
