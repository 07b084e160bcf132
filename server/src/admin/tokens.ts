import { OperatorError } from '../base/errors.ts';
import { tokenParse } from '../tokens/format.ts';
import { OPERATOR } from '../changes/actor.ts';
import { tokenCreate, tokenRevoke } from '../tokens/operations.ts';
import type { Command } from './command.ts';
import { expiryParse } from './expiry.ts';
import { orgFind, roleFind, userFind, userFindEnabled } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { choiceOf, nameOf, valueOf } from './values.ts';

const PUBLIC_ID = /^(?:dbx_)?([0-9A-Za-z]{12})$/;

const tokenCreateCommand: Command = {
  name: 'token-create',
  summary: 'Create an API token',
  details: 'The token is shown this once: only a hash of it is kept.',
  options: {
    user: { value: 'address', description: 'the account that it acts for', required: true },
    name: { value: 'text', description: 'what it is for', required: true },
    scope: { value: 'scope', description: 'read, or write', required: true },
    org: { value: 'slug', description: 'the one org that it may act in' },
    expires: { value: 'time', description: '2027-01-31T12:00:00Z, or from now: 30d, 12h, 45m' },
  },
  async run({ trx, clock, random }, values) {
    const scope = choiceOf(values, 'scope', ['read', 'write']);
    const name = nameOf(values, 'name');
    const { org: slug, expires } = values;
    const expiresAt = expires === undefined ? null : expiryParse(expires, clock.now());
    const user = await userFindEnabled(trx, valueOf(values, 'user'));
    const org = slug === undefined ? null : await orgFind(trx, slug);
    if (org !== null && (await roleFind(trx, org.id, user.id)) === null) {
      throw new OperatorError(
        `${user.email} is not in the org ${org.slug}: add them first, with dollarbox-admin member-add.`,
      );
    }
    const input = { userId: user.id, name, scope, orgId: org?.id ?? null, expiresAt };
    const made = await tokenCreate(trx, OPERATOR, input, { clock, random });
    return {
      data: {
        token: made.token,
        public_id: made.publicId,
        user: user.email,
        name,
        scope,
        org: org?.slug ?? null,
        expires_at: expiresAt,
      },
      text: made.token,
      talk: `Made a ${scope} token for ${user.email}; it is shown only this once.`,
    };
  },
};

const tokenRevokeCommand: Command = {
  name: 'token-revoke',
  summary: 'Revoke an API token',
  details:
    'From the moment that this returns, the token is refused, and nothing that it began goes on.',
  options: {
    token: {
      value: 'token',
      description: 'its public id (the 12 letters after dbx_), or the whole token',
      required: true,
    },
  },
  async run({ trx, clock }, values) {
    const publicId = publicIdRead(valueOf(values, 'token'));
    const token = await trx
      .selectFrom('tokens')
      .select(['id', 'name', 'org_id', 'user_id', 'revoked_at'])
      .where('public_id', '=', publicId)
      .executeTakeFirst();
    if (token === undefined) {
      throw new OperatorError(
        `There is no token with the public id ${publicId}: see dollarbox-admin token-list.`,
      );
    }
    if (token.revoked_at !== null) {
      return {
        data: { public_id: publicId, revoked_at: token.revoked_at },
        text: `The token ${publicId} was revoked already, at ${timeShow(token.revoked_at)}.`,
      };
    }
    const { id, name, user_id: userId, org_id: orgId } = token;
    const known = { id, publicId, name, userId, orgId };
    const now = await tokenRevoke(trx, OPERATOR, known, { clock });
    return {
      data: { public_id: publicId, revoked_at: now },
      text: `The token ${publicId} is revoked: it is refused from now on.`,
    };
  },
};

const tokenListCommand: Command = {
  name: 'token-list',
  summary: 'List API tokens, without their secrets',
  options: {
    user: { value: 'address', description: 'only those of this account' },
    org: { value: 'slug', description: 'only those restricted to this org' },
  },
  async run({ trx, clock }, values) {
    const { user: email, org: slug } = values;
    const userId = email === undefined ? null : (await userFind(trx, email)).id;
    const orgId = slug === undefined ? null : (await orgFind(trx, slug)).id;
    const rows = await trx
      .selectFrom('tokens as t')
      .innerJoin('users as u', 'u.id', 't.user_id')
      .leftJoin('orgs as o', 'o.id', 't.org_id')
      .select([
        't.public_id',
        'u.email as user',
        't.name',
        't.scope',
        'o.slug as org',
        't.created_at',
        't.expires_at',
        't.revoked_at',
        'u.disabled_at',
      ])
      .$if(userId !== null, (query) => query.where('t.user_id', '=', userId))
      .$if(orgId !== null, (query) => query.where('t.org_id', '=', orgId))
      .orderBy('t.id')
      .execute();
    const tokens = rows.map(({ disabled_at: disabledAt, ...row }) =>
      Object.assign(row, { state: stateOf({ ...row, disabled_at: disabledAt }, clock.now()) }),
    );
    return {
      data: tokens,
      text: tableFormat(
        tokens,
        {
          'PUBLIC ID': (token) => token.public_id,
          USER: (token) => token.user,
          NAME: (token) => token.name,
          SCOPE: (token) => token.scope,
          ORG: (token) => token.org ?? 'all',
          STATE: (token) => token.state,
          CREATED: (token) => timeShow(token.created_at),
          EXPIRES: (token) => timeShow(token.expires_at),
        },
        'There is no such token.',
      ),
    };
  },
};

export const tokenCommands: readonly Command[] = [
  tokenCreateCommand,
  tokenRevokeCommand,
  tokenListCommand,
];

/** @throws OperatorError if the text is neither a public id nor a token. */
function publicIdRead(text: string): string {
  const publicId = tokenParse(text) ?? PUBLIC_ID.exec(text)?.[1];
  if (publicId !== undefined) return publicId;
  throw new OperatorError(
    'This is neither a public id nor a whole token: check that it was copied whole, or see dollarbox-admin token-list.',
  );
}

function stateOf(
  token: { revoked_at: Date | null; expires_at: Date | null; disabled_at: Date | null },
  now: Date,
): string {
  if (token.revoked_at !== null) return 'revoked';
  if (token.expires_at !== null && token.expires_at <= now) return 'expired';
  return token.disabled_at === null ? 'active' : 'user disabled';
}
