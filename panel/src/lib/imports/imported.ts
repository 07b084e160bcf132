import type { EnvRow } from '../env-text.ts';

/** What a pasted text says about a container. What it doesn't mention is absent or empty. */
export interface ImportedSpec {
  name?: string;
  image?: string;
  env: EnvRow[];
  command?: string[];
  ports: number[];
  /** Volumes by their name; an empty name where the text has none. */
  mounts: { volume: string; path: string }[];
  pullPolicy?: 'always' | 'if_not_present';
  graceSeconds?: number;
  init?: boolean;
}

/** A spec read from a text, and a sentence for each part of the text that is not in the spec as it was written. */
export interface Imported {
  spec: ImportedSpec;
  notes: string[];
}

export function importedEmpty(): Imported {
  return { spec: { env: [], ports: [], mounts: [] }, notes: [] };
}
