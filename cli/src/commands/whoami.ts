import { unwrap } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { COMMON, COMMON_ALIASES, type CommonFlags } from '../base/flags.ts';
import type { CliContext } from '../base/io.ts';
import { sessionOpen } from '../base/session.ts';

export const whoami = buildCommand({
  docs: { brief: 'Show who you are, and where' },
  parameters: { flags: COMMON, aliases: COMMON_ALIASES },
  async func(this: CliContext, flags: CommonFlags) {
    const { client, connection, print } = await sessionOpen(this, flags);
    const {
      user,
      org,
      scope,
      expires_at: expiresAt,
      public_id: publicId,
    } = await unwrap(client.GET('/whoami/'));
    const { url, context } = connection;
    const shown = {
      ...{ url, context, email: user.email, name: user.name, user_id: user.id },
      // The org that the token is restricted to, and the one that commands act in.
      ...{ org: connection.org ?? org, token_org: org, scope, expires_at: expiresAt },
      public_id: publicId,
    };
    print.one(shown);
  },
});
