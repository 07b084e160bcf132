import { DollarboxError, unwrap } from '@dollarbox/client';
import { useState } from 'react';

/** An object together with its version, which a save names in `If-Match`. */
export interface Versioned<T> {
  value: T;
  /** The reply's `ETag`. */
  version: string;
}

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** Like `unwrap`, with the version of the object. @throws DollarboxError when the reply is not 2xx. */
export async function unwrapVersioned<T>(call: Call<T>): Promise<Versioned<T>> {
  const value = await unwrap(call);
  return { value, version: (await call).response.headers.get('etag') ?? '' };
}

/** Whether a save was refused because the object was changed since it was read. */
export function isOutdated(error: unknown): boolean {
  return error instanceof DollarboxError && error.status === 412;
}

interface Editing<T> {
  /** What the form was filled with: it does not change while someone types. */
  base: Versioned<T>;
  /** Whether the object was changed since, by someone else or in another tab. */
  isChangedElsewhere: boolean;
  /** Changes when the form has to be filled again: its key. */
  round: number;
  /** Fills the form again. */
  take: (next: Versioned<T>) => void;
  /** Goes on from a newer version with what was typed. */
  rebase: (next: Versioned<T>) => void;
}

/** What a form began with, and whether that is still current. @param current the object as it was last read. */
export function useEditing<T>(current: Versioned<T>): Editing<T> {
  const [{ base, round }, setState] = useState({ base: current, round: 0 });
  return {
    base,
    round,
    isChangedElsewhere: current.version !== base.version,
    take: (next) => setState({ base: next, round: round + 1 }),
    rebase: (next) => setState({ base: next, round }),
  };
}
