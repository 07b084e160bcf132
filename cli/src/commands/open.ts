import { buildCommand } from '@stricli/core';
import { browserOpen } from '../base/browser.ts';
import type { ConnectionFlags } from '../base/connection.ts';
import { CliError } from '../base/exit.ts';
import { containerFind } from '../base/find.ts';
import { CONNECTION, switchFlag } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { type Session, sessionOpen } from '../base/session.ts';
import { containersPropose } from './complete-names.ts';
import { containerUrl } from './container-url.ts';

export const open = buildCommand({
  docs: { brief: 'Open the panel, or a container, in the browser' },
  parameters: {
    flags: { ...CONNECTION, print: switchFlag('Print the address instead') },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          ...{ parse: String, optional: true, placeholder: 'name' },
          brief: 'Name or id of the container; if not given, the panel',
          proposeCompletions: containersPropose,
        },
      ],
    },
  },
  async func(this: CliContext, flags: ConnectionFlags & { print?: boolean }, name?: string) {
    const session = await sessionOpen(this, flags);
    const address = name === undefined ? session.connection.url : await addressOf(session, name);
    const isOpened = flags.print !== true && (await browserOpen(this.io, address));
    if (isOpened) session.say(`Opened ${address}`);
    else this.io.stdout.write(`${address}\n`);
  },
});

async function addressOf(session: Session, reference: string): Promise<string> {
  const container = await containerFind(session, reference);
  const found = containerUrl(container);
  if (found === null) throw new CliError('error', `${container.name} has no address yet.`);
  return found;
}
