import { type Event, eventsFollow, listAll } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { COMMON, COMMON_ALIASES, type CommonFlags, switchFlag, textFlag } from '../base/flags.ts';
import { eventActorsCreate } from './event-actors.ts';
import { outagesCreate } from '../base/following.ts';
import type { CliContext } from '../base/io.ts';
import { sessionOpen } from '../base/session.ts';

interface EventFlags {
  follow?: boolean;
  cursor?: string;
  type?: string;
}

export const eventList = buildCommand({
  docs: {
    brief: 'Show what has changed in an org, or follow what does',
    fullDescription:
      'Prints the events of an org that are kept, oldest first. With --follow, it goes on with what happens from now on, until it is interrupted: it reconnects by itself, and neither misses an event nor prints one twice. --output json prints a line for each event.',
    customUsage: [
      { input: '--follow --type container', brief: 'What happens to containers from now on' },
    ],
  },
  parameters: {
    flags: {
      ...COMMON,
      follow: switchFlag('Go on with what happens from now on'),
      cursor: textFlag('Begin behind this event', 'id'),
      type: textFlag('Only events of this type: container, container.deleted, …', 'type'),
    },
    aliases: { ...COMMON_ALIASES, f: 'follow' },
  },
  async func(this: CliContext, flags: CommonFlags & EventFlags) {
    const { client, print, say } = await sessionOpen(this, flags);
    const actors = eventActorsCreate(client);
    const outages = outagesCreate({ say });
    const { cursor, follow, type } = flags;
    const query = cursor === undefined ? {} : { cursor };
    const events =
      follow === true
        ? eventsFollow(client, {
            ...query,
            signal: this.io.signal,
            onReconnect: outages.onReconnect,
          })
        : listAll(client, '/events/', query);
    for await (const event of events) {
      outages.end();
      const isWanted =
        type === undefined || event.type === type || event.type.startsWith(`${type}.`);
      if (!isWanted) continue;
      const by = print.format === 'table' ? await actors.textOf(event) : '';
      print.line(event, eventText(event, by));
    }
  },
});

/** An event on one line: when, what, of which object, what is now different, and who did it. */
function eventText({ at, type, object, previous_attributes: before }: Event, by: string): string {
  const name = String(object['name'] ?? object['email'] ?? object['host'] ?? object['slug'] ?? '');
  const changes = Object.entries(before)
    .filter(([key]) => object[key] !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)} → ${JSON.stringify(object[key])}`);
  const line = [at, type.padEnd(24), name, changes.join(', '), by && `by ${by}`];
  return line
    .filter((part) => part !== '')
    .join('  ')
    .replaceAll('\n', ' ');
}
