import { envParse } from '../env-text.ts';
import { composeRead } from './compose.ts';
import { dockerRunRead, isDockerRun } from './docker-run.ts';
import { type Imported, importedEmpty } from './imported.ts';
import { envAdd } from './shared-rules.ts';

/** What a pasted text is, and what it says: for a Compose file, by the name of each service. */
export type TextRead =
  | { kind: 'docker' | 'compose' | 'env'; found: Record<string, Imported>; fault?: undefined }
  | { found?: undefined; fault: string };

/** Reads a `docker run` command, a Compose file or service, or the text of an `.env` file. */
export function textRead(text: string): TextRead {
  if (isDockerRun(text)) {
    const read = dockerRunRead(text);
    return 'fault' in read ? read : { kind: 'docker', found: { '': read } };
  }
  const env = envRead(text);
  if (env !== null) return { kind: 'env', found: { '': env } };
  const services = composeRead(text);
  if (services.fault === undefined) return { kind: 'compose', found: services.found };
  const isYaml = /^\s*(?:services|image|[\w-]+):/m.test(text);
  return {
    fault: isYaml
      ? `As a Compose file: ${services.fault}`
      : 'This is neither a docker run command, nor a Compose file, nor the text of an .env file.',
  };
}

/** @returns null if the text is not that of an `.env` file. */
function envRead(text: string): Imported | null {
  const { rows } = envParse(text);
  if (rows === undefined || rows.length === 0) return null;
  if (rows.some(({ name }) => !/^[\w.]+$/.test(name))) return null;
  const into = importedEmpty();
  for (const { name, value } of rows) envAdd(name, value, into);
  return into;
}
