import { DollarboxError, unwrap } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { CliError } from '../base/exit.ts';
import { COMMON, type CommonFlags } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { sessionOpen } from '../base/session.ts';
import { settingsRead, settingsWrite } from '../base/settings.ts';

export const logout = buildCommand({
  docs: {
    brief: 'Sign out: end the token of a context, and forget it',
    fullDescription:
      'Ends the token of the context in use, or of the one that --context names, and forgets the context. The token is refused from then on, wherever it was copied to.',
  },
  parameters: { flags: { context: COMMON.context } },
  async func(this: CliContext, { context }: Pick<CommonFlags, 'context'>) {
    // A token in the environment belongs to somebody else's setup: it is not what this ends.
    const { DOLLARBOX_TOKEN: _token, ...env } = this.io.env;
    const own = { ...this, io: { ...this.io, env } };
    const session = await sessionOpen(own, context === undefined ? {} : { context });
    const name = session.connection.context;
    if (name === null) throw new CliError('usage', 'There is no context to sign out of.');
    try {
      await unwrap(session.client.DELETE('/whoami/'));
    } catch (error) {
      // It had ended before.
      if (!(error instanceof DollarboxError) || error.status !== 401) throw error;
    }
    const { current, contexts } = await settingsRead(this.io);
    delete contexts[name];
    await settingsWrite(this.io, { current: current === name ? null : current, contexts });
    session.say(`Signed out of ${session.connection.url}.`);
  },
});
