/** Hashes of the credentials that were valid at their last lookup by this process. */
export interface KnownCredentials {
  get(key: string): Buffer | undefined;
  add(key: string, hash: Buffer): void;
  forget(key: string): void;
}

/** @param max how many are remembered; those that were not seen for longest are forgotten first. */
export function knownCredentialsCreate(max: number): KnownCredentials {
  const hashes = new Map<string, Buffer>();
  return {
    get: (key) => hashes.get(key),
    forget: (key) => void hashes.delete(key),
    add(key, hash) {
      hashes.delete(key);
      hashes.set(key, hash);
      if (hashes.size <= max) return;
      for (const oldest of hashes.keys()) {
        hashes.delete(oldest);
        return;
      }
    },
  };
}
