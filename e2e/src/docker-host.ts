import { execFile } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import Docker from 'dockerode';
import { until } from './wait.ts';

const run = promisify(execFile);

/** The engine as a user with a shell on the host sees it. */
export const docker = new Docker();

const filtersOf = (installation: string) => ({ label: [`dollarbox.installation=${installation}`] });

/**
 * The engine's containers of an installation, or only those of one container of the API if its id is given.
 * @param engine if it is not the machine's own; likewise below.
 */
export async function containersOf(installation: string, id?: number, engine = docker) {
  const filters = filtersOf(installation);
  // Without this filter, the probes of networks would be among them.
  filters.label.push(id === undefined ? 'dollarbox.container' : `dollarbox.container=${id}`);
  return engine.listContainers({ all: true, filters });
}

/** The only engine object of a container of the API. */
export async function containerOf(
  installation: string,
  id: number,
  engine = docker,
): Promise<Docker.Container> {
  const [found, ...more] = await containersOf(installation, id, engine);
  if (found === undefined || more.length > 0) {
    throw new Error(`container ${id} has ${found === undefined ? 'no' : 'several'} engine objects`);
  }
  return engine.getContainer(found.Id);
}

/** Runs a command in the only engine object of a container of the API. @returns its output. */
export async function commandRun(
  installation: string,
  id: number,
  command: string[],
  engine = docker,
): Promise<string> {
  const container = await containerOf(installation, id, engine);
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const written = new PassThrough();
  docker.modem.demuxStream(stream, written, written);
  stream.on('end', () => written.end());
  const output = await text(written);
  // Docker may record the exit of a command some time after the end of its output.
  const { ExitCode: code } = await until('the end of the command', async () => {
    const found = await exec.inspect();
    return !found.Running && found;
  });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** Removes everything that an installation has on the engine and in the host's firewall. */
export async function installationRemove(installation: string): Promise<void> {
  if (installation === '') return;
  // The result of the engine's last request may appear only after a first look.
  await until('the removal of what an installation had', async () => {
    await installationObjectsRemove(docker, installation);
    return true;
  });
  for (const table of [`dollarbox_${installation}`, `dollarbox_${installation}_limits`]) {
    await run('nft', ['delete', 'table', 'inet', table]).catch(() => undefined);
  }
  await forwardRulesRemove(installation).catch(() => undefined);
}

/** Removes the rules that let other machines' packets through to an installation. @returns how many there were. */
export async function forwardRulesRemove(installation: string): Promise<number> {
  const ip6tables = (...words: string[]) => run('ip6tables', ['-w', '5', ...words]);
  const { stdout } = await ip6tables('-S', 'FORWARD');
  const mark = `--comment dollarbox_${installation} `;
  const rules = stdout.split('\n').filter((line) => line.includes(mark));
  for (const rule of rules) await ip6tables(...rule.replace('-A ', '-D ').split(' '));
  return rules.length;
}

/** What a container answers over IPv6. Rejects if it does not answer within half a minute. */
export function read(address: string | null, port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: address ?? '', port, path, timeout: 30_000, agent: false };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end();
  });
}
