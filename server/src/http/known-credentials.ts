/** A credential that was valid at its last lookup by this process. */
interface KnownCredential {
  hash: Buffer;
  /** Under which names its requests are counted: its own, and that of its user. */
  callers: readonly string[];
}

/** The credentials that were valid at their last lookup by this process. */
export interface KnownCredentials {
  get(key: string): KnownCredential | undefined;
  add(key: string, credential: KnownCredential): void;
  forget(key: string): void;
}

/** @param max how many are remembered; those that were not seen for longest are forgotten first. */
export function knownCredentialsCreate(max: number): KnownCredentials {
  const credentials = new Map<string, KnownCredential>();
  return {
    get: (key) => credentials.get(key),
    forget: (key) => void credentials.delete(key),
    add(key, credential) {
      credentials.delete(key);
      credentials.set(key, credential);
      if (credentials.size <= max) return;
      for (const oldest of credentials.keys()) {
        credentials.delete(oldest);
        return;
      }
    },
  };
}
