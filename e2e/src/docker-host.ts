import { execFile } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import Docker from 'dockerode';
import { until } from './wait.ts';

const run = promisify(execFile);

/** The engine as someone with a shell on the host has it. */
export const docker = new Docker();

const filtersOf = (installation: string) => ({ label: [`dollarbox.installation=${installation}`] });

/**
 * The engine's containers of an installation; of one container of the API, when its id is given.
 * @param engine other than the machine's own; so below.
 */
export async function containersOf(installation: string, id?: number, engine = docker) {
  const filters = filtersOf(installation);
  // Without it, networks' probes would be among them.
  filters.label.push(id === undefined ? 'dollarbox.container' : `dollarbox.container=${id}`);
  return engine.listContainers({ all: true, filters });
}

/** The one engine object of a container of the API. */
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

/** Runs a command in the one engine object of a container of the API. @returns what it wrote. */
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
  const { ExitCode: code } = await exec.inspect();
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** Removes all that an installation has on the engine and in the host's firewall. */
export async function installationRemove(installation: string): Promise<void> {
  if (installation === '') return;
  // What the engine was asked for last may come to be after a first look.
  await until('the removal of what an installation had', async () => {
    await installationObjectsRemove(docker, installation);
    return true;
  });
  await run('nft', ['delete', 'table', 'inet', `dollarbox_${installation}`]).catch(() => undefined);
  await forwardRulesRemove(installation).catch(() => undefined);
}

/** Removes what lets other machines' packets through to an installation. @returns how many rules there were. */
export async function forwardRulesRemove(installation: string): Promise<number> {
  const ip6tables = (...words: string[]) => run('ip6tables', ['-w', '5', ...words]);
  const { stdout } = await ip6tables('-S', 'FORWARD');
  const mark = `--comment dollarbox_${installation} `;
  const rules = stdout.split('\n').filter((line) => line.includes(mark));
  for (const rule of rules) await ip6tables(...rule.replace('-A ', '-D ').split(' '));
  return rules.length;
}

/** What a container answers over IPv6. Rejects when it does not within two seconds. */
export function read(address: string | null, port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: address ?? '', port, path, timeout: 2000, agent: false };
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
