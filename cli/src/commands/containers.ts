import { type Container, listAll, unwrap } from '@dollarbox/client';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { destructionConfirm } from '../base/ask.ts';
import { allOf, containerFind, inOrg } from '../base/find.ts';
import {
  COMMON,
  COMMON_ALIASES,
  type CommonFlags,
  argument,
  choiceFlag,
  numberFlag,
  switchFlag,
} from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import { containersPropose } from './complete-names.ts';
import { CONTAINER_COLUMNS } from './container-columns.ts';
import { containerCreate } from './container-create.ts';
import { type WaitFlags, containerAnnounce, containerSettle } from './container-settle.ts';
import { containerLogs } from './logs.ts';
import { containerStats } from './stats.ts';
import { containerUpdate } from './container-update.ts';

const NAME = argument('name', 'Its name or id', containersPropose);
const WAIT_FLAGS = {
  wait: switchFlag('Wait until it is done'),
  timeout: numberFlag('How long to wait at most; 300 if not given', 'seconds'),
} as const;

export const containerList = buildCommand({
  docs: { brief: 'List containers' },
  parameters: {
    flags: {
      ...COMMON,
      status: choiceFlag('Only those with this status', [
        'pending',
        'running',
        'failed',
        'stopped',
      ]),
    },
    aliases: COMMON_ALIASES,
  },
  async func(this: CliContext, flags: CommonFlags & { status?: Container['status'] }) {
    const { client, print } = await sessionOpen(this, flags);
    const query = flags.status === undefined ? {} : { status: flags.status };
    print.list(CONTAINER_COLUMNS, await allOf(listAll(client, '/containers/', query)));
  },
});

const containerShow = buildCommand({
  docs: { brief: 'Show all attributes of a container' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES, positional: NAME },
  async func(this: CliContext, flags: CommonFlags, name: string) {
    const session = await sessionOpen(this, flags);
    session.print.one(await containerFind(session, name));
  },
});

export const containerDelete = buildCommand({
  docs: { brief: 'Delete a container; its volumes stay' },
  parameters: {
    flags: { ...COMMON, yes: switchFlag('Do not ask') },
    aliases: { ...COMMON_ALIASES, y: 'yes' },
    positional: NAME,
  },
  async func(this: CliContext, flags: CommonFlags & { yes?: boolean }, reference: string) {
    const session = await sessionOpen(this, flags);
    const container = await containerFind(session, reference);
    const { id, name, org } = container;
    const what = `This deletes the container ${name} of ${org}, with what it wrote outside its volumes.`;
    await destructionConfirm(this.io, flags.yes, { what });
    const params = { path: { id }, header: inOrg(container) };
    await unwrap(session.client.DELETE('/containers/{id}/', { params }));
    session.say(`Deleted ${name}.`);
  },
});

type Act = (session: Session, container: Container, pull: boolean) => Promise<Container>;

/** A command that sends a container's process somewhere. */
function processCommand(brief: string, act: Act, until: 'settled' | 'stopped' = 'settled') {
  return buildCommand({
    docs: { brief },
    parameters: { flags: { ...COMMON, ...WAIT_FLAGS }, aliases: COMMON_ALIASES, positional: NAME },
    async func(this: CliContext, flags: CommonFlags & WaitFlags, name: string) {
      const session = await sessionOpen(this, flags);
      const container = await act(session, await containerFind(session, name), false);
      await finish(session, container, { ...flags, until });
    },
  });
}

/** Waits if that was asked for, and prints the container. */
async function finish(
  session: Session,
  container: Container,
  flags: WaitFlags & { until?: 'settled' | 'stopped' },
): Promise<void> {
  if (flags.wait !== true) {
    session.print.one(container, CONTAINER_COLUMNS);
    return;
  }
  const settled = await containerSettle(session, container, flags);
  containerAnnounce(session, settled);
  session.print.one(settled, CONTAINER_COLUMNS);
}

export const containerStop = processCommand(
  'Stop a container, until it is started again',
  ({ client }, container) => {
    const params = { path: { id: container.id }, header: inOrg(container) };
    return unwrap(client.POST('/containers/{id}/stop/', { params }));
  },
  'stopped',
);

export const containerStart = processCommand(
  'Start a stopped container',
  ({ client }, container) => {
    const params = { path: { id: container.id }, header: inOrg(container) };
    return unwrap(client.POST('/containers/{id}/start/', { params }));
  },
);

export const containerRestart = buildCommand({
  docs: { brief: 'Restart a container' },
  parameters: {
    flags: { ...COMMON, ...WAIT_FLAGS, pull: switchFlag('Pull its image again') },
    aliases: COMMON_ALIASES,
    positional: NAME,
  },
  async func(this: CliContext, flags: CommonFlags & WaitFlags & { pull?: boolean }, name: string) {
    const session = await sessionOpen(this, flags);
    const container = await containerFind(session, name);
    const params = { path: { id: container.id }, header: inOrg(container) };
    const body = flags.pull === true ? { pull: true } : {};
    const restarted = session.client.POST('/containers/{id}/restart/', { params, body });
    await finish(session, await unwrap(restarted), flags);
  },
});

export const containerWaitFor = buildCommand({
  docs: { brief: 'Wait until a container runs as it was last asked to, or has failed' },
  parameters: {
    flags: { ...COMMON, timeout: WAIT_FLAGS.timeout },
    aliases: COMMON_ALIASES,
    positional: NAME,
  },
  async func(this: CliContext, flags: CommonFlags & { timeout?: number }, name: string) {
    const session = await sessionOpen(this, flags);
    const container = await containerFind(session, name);
    await finish(session, container, { ...flags, wait: true });
  },
});

export const containerRoutes = buildRouteMap({
  docs: { brief: 'Containers: create, change, stop, start, delete' },
  defaultCommand: 'list',
  routes: {
    list: containerList,
    show: containerShow,
    create: containerCreate,
    update: containerUpdate,
    delete: containerDelete,
    stop: containerStop,
    start: containerStart,
    restart: containerRestart,
    wait: containerWaitFor,
    logs: containerLogs,
    stats: containerStats,
  },
});
