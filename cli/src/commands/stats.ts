import { type Container, type ContainerStats, listAll, unwrap } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { bytesText } from '../base/bytes.ts';
import { allOf, containerFind } from '../base/find.ts';
import { COMMON, COMMON_ALIASES, type CommonFlags } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import type { Column } from '../base/table.ts';
import { containersPropose } from './complete-names.ts';

/** How many requests are under way at once. */
const TOGETHER = 8;

interface Usage extends ContainerStats {
  id: number;
  name: string;
  org: string;
}

const COLUMNS: readonly Column<Usage>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'MEMORY', text: (usage) => bytesText(usage.memory_bytes) },
  { title: 'LIMIT', text: (usage) => bytesText(usage.memory_limit_bytes) },
  { title: 'CPU', text: ({ cpu_seconds: cpu }) => (cpu === null ? '-' : `${cpu.toFixed(1)} s`) },
  { title: 'PROCESSES', text: ({ processes }) => String(processes ?? '-') },
  { title: 'RECEIVED', text: (usage) => bytesText(usage.network_received_bytes) },
  { title: 'SENT', text: (usage) => bytesText(usage.network_sent_bytes) },
  { title: 'DISK', text: (usage) => bytesText(usage.disk_bytes) },
  { title: 'VOLUMES', text: (usage) => bytesText(usage.volume_bytes) },
];

export const containerStats = buildCommand({
  docs: {
    brief: 'Show what containers use',
    fullDescription:
      'Shows the memory, processor time, processes, network traffic and disk space of the containers that are named, or of all that run. Processor time and traffic count from the start of the process. What is not known is shown as -.',
  },
  parameters: {
    flags: COMMON,
    aliases: COMMON_ALIASES,
    positional: {
      kind: 'array',
      parameter: {
        ...{ parse: String, placeholder: 'name' },
        brief: 'Names or ids of containers; if none is given, all that run',
        proposeCompletions: containersPropose,
      },
    },
  },
  async func(this: CliContext, flags: CommonFlags, ...names: string[]) {
    const session = await sessionOpen(this, flags);
    const { client, print } = session;
    const containers =
      names.length === 0
        ? (await allOf(listAll(client, '/containers/', { status: 'running' }))).toReversed()
        : await Promise.all(names.map((name) => containerFind(session, name)));
    const usages: Usage[] = [];
    for (let from = 0; from < containers.length; from += TOGETHER) {
      const group = containers.slice(from, from + TOGETHER);
      usages.push(...(await Promise.all(group.map((container) => usageRead(session, container)))));
    }
    print.list(COLUMNS, usages);
  },
});

async function usageRead({ client }: Session, { id, name, org }: Container): Promise<Usage> {
  const params = { path: { id } };
  const stats = await unwrap(client.GET('/containers/{id}/stats/', { params }));
  return { id, name, org, ...stats };
}
