import { type Volume, listAll, unwrap, volumeWait } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm } from '../base/ask.ts';
import { CliError } from '../base/exit.ts';
import { allOf, inOrg, volumeFind } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  numberFlag,
  switchFlag,
} from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { ageText } from '../base/moments.ts';
import { progressStart } from '../base/progress.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';
import { volumesPropose } from './complete-names.ts';

const TIMEOUT_SECONDS = 300;
const BYTES_PER_GB = 1024 ** 3;
const NAME = argument('name', 'Its name or id', volumesPropose);

const COLUMNS: readonly Column<Volume>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'NAME', text: ({ name }) => name },
  {
    title: 'STATUS',
    text: statusText,
    color: ({ status }) => (status === 'failed' ? 'red' : null),
  },
  { title: 'SIZE', text: ({ size_gb: size }) => `${size} GB` },
  { title: 'USED', text: usedText },
  { title: 'CONTAINER', text: ({ container }) => (container === null ? '-' : String(container)) },
  { title: 'PATH', text: (volume) => volume.mount_path ?? '-' },
  { title: 'AGE', text: (volume) => ageText(volume.created_at) },
];

function statusText({ status, status_reason: reason }: Volume): string {
  return reason === null ? status : `${status} (${reason})`;
}

function usedText({ used_bytes: used }: Volume): string {
  return used === null ? '-' : `${(used / BYTES_PER_GB).toFixed(1)} GB`;
}

const volumeList = buildCommand({
  docs: { brief: 'List volumes' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, print } = await sessionOpen(this, flags);
    print.list(COLUMNS, await allOf(listAll(client, '/volumes/')));
  },
});

const volumeShow = buildCommand({
  docs: { brief: 'Show all attributes of a volume' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: NAME },
  async func(this: CliContext, flags: CommonFlags, name: string) {
    const session = await sessionOpen(this, flags);
    session.print.one(await volumeFind(session, name));
  },
});

const volumeCreate = buildCommand({
  docs: {
    brief: 'Create a volume',
    customUsage: [{ input: 'data --size 10', brief: 'A volume of 10 GB' }],
  },
  parameters: {
    flags: {
      ...COMMON,
      size: { ...numberFlag('Its size, for good', 'GB'), optional: false },
      wait: switchFlag('Wait until it is there'),
      timeout: numberFlag('How long to wait at most; 300 if not given', 'seconds'),
    },
    aliases: { ...COMMON_ALIASES, w: 'wait' },
    positional: argument('name', 'What it is called'),
  },
  async func(
    this: CliContext,
    flags: CommonFlags & { size: number; wait?: boolean; timeout?: number },
    name: string,
  ) {
    const session = await sessionOpen(this, flags);
    const body = { name, size_gb: flags.size };
    const created = await unwrap(session.client.POST('/volumes/', { body }));
    session.say(`Created ${name} in ${created.org}.`);
    const shown = flags.wait === true ? await settle(session, created, flags) : created;
    session.print.one(shown, COLUMNS);
  },
});

async function settle(
  session: Session,
  { id, name, status }: Volume,
  { timeout = TIMEOUT_SECONDS }: { timeout?: number },
): Promise<Volume> {
  const progress = progressStart(session.io, `${name}: ${status}`);
  try {
    const { signal } = session.io;
    const settled = await volumeWait(session.client, id, { timeoutMs: timeout * 1000, signal });
    if (settled.status !== 'failed') return settled;
    const { status_reason: reason, status_message: message } = settled;
    throw new CliError('unsettled', `${name} has failed (${reason}). ${message ?? ''}`.trim());
  } finally {
    progress.end();
  }
}

const volumeDelete = buildCommand({
  docs: { brief: 'Delete a volume, with its data' },
  parameters: {
    flags: { ...COMMON, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: NAME,
  },
  async func(this: CliContext, flags: CommonFlags & { yes?: boolean }, reference: string) {
    const session = await sessionOpen(this, flags);
    const volume = await volumeFind(session, reference);
    const { id, name, org } = volume;
    const what = `This destroys the volume ${name} of ${org} and all of its data, for good.`;
    await destructionConfirm(this.io, flags.yes, { what, name });
    const params = { path: { id }, header: inOrg(volume) };
    await unwrap(session.client.DELETE('/volumes/{id}/', { params }));
    session.say(`Deleted ${name}.`);
  },
});

export const volumeRoutes = buildRouteMap({
  docs: { brief: 'Volumes: create, list, delete' },
  defaultCommand: 'list',
  routes: { list: volumeList, show: volumeShow, create: volumeCreate, delete: volumeDelete },
});
