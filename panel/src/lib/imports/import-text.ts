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
  if (typeof env !== 'string') return { kind: 'env', found: { '': env } };
  const services = composeRead(text);
  if (services.fault === undefined) return { kind: 'compose', found: services.found };
  const isYaml = /^\s*(?:services|image|[\w-]+):/m.test(text);
  if (isYaml) return { fault: `As a Compose file: ${services.fault}` };
  const isEnv = /^\s*(?:export\s+)?[A-Za-z_][\w.]*=/m.test(text);
  if (isEnv) return { fault: `As an .env file: ${env}` };
  return {
    fault:
      'This is neither a docker run command, nor a Compose file, nor the text of an .env file.',
  };
}

/** @returns what is wrong, if the text is not that of an `.env` file. */
function envRead(text: string): Imported | string {
  const { rows, fault } = envParse(text);
  if (fault !== undefined) return `line ${fault.line}: ${fault.message}`;
  const wrong = rows.find(({ name }) => !/^[\w.]+$/.test(name));
  if (wrong !== undefined) return `"${wrong.name}" is not the name of a variable.`;
  if (rows.length === 0) return 'There is no variable in it.';
  const into = importedEmpty();
  for (const { name, value } of rows) envAdd(name, value, into);
  return into;
}
