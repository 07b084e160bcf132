import { ApiError } from '../base/errors.ts';

/** One counter for the client's spec, and one for everything else that shows. */
export interface Version {
  generation: number;
  revision: number;
}

export function etagFormat(version: Version): string {
  return `"${version.generation}.${version.revision}"`;
}

/** RFC 9110 §13.1.1, but only the generation is compared: a changed status is not a lost update. */
export function ifMatchCheck(header: string | undefined, version: Version): void {
  if (header === undefined || header.trim() === '*') return;
  const matches = etagList(header).some((tag) => tag.split('.')[0] === String(version.generation));
  if (!matches) {
    throw new ApiError(
      'precondition_failed',
      'The object has changed since you read it: read it again and repeat your change.',
    );
  }
}

/** RFC 9110 §13.1.2: whether the client already has exactly this version. */
export function ifNoneMatch(header: string | undefined, version: Version): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return etagList(header).includes(`${version.generation}.${version.revision}`);
}

/** The opaque parts of a list of entity tags, weak or strong. */
function etagList(header: string): string[] {
  return [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].map((match) => match[1] ?? '');
}
