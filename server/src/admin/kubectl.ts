import { operatorIn } from '../changes/actor.ts';
import { OperatorError } from '../base/errors.ts';
import { kubectlCredentialDelete } from '../kubectl-credentials/operations.ts';
import type { Command } from './command.ts';
import { orgFind } from './lookup.ts';
import { tableFormat, timeShow } from './table.ts';
import { idOf } from './values.ts';

const credentialListCommand: Command = {
  name: 'kubectl-list',
  summary: 'List kubectl credentials',
  options: { org: { value: 'slug', description: 'only those of this org' } },
  async run({ trx, clock }, { org: slug }) {
    const orgId = slug === undefined ? null : (await orgFind(trx, slug)).id;
    const credentials = await trx
      .selectFrom('kubectl_credentials as c')
      .innerJoin('orgs as o', 'o.id', 'c.org_id')
      .innerJoin('users as u', 'u.id', 'c.user_id')
      .select(['c.id', 'o.slug as org', 'u.email', 'c.name', 'c.sa_name'])
      .select(['c.created_at', 'c.expires_at'])
      .where('c.issued_at', 'is not', null)
      .where('c.deleted_at', 'is', null)
      .where((eb) => eb.or([eb('c.expires_at', 'is', null), eb('c.expires_at', '>', clock.now())]))
      .$if(orgId !== null, (query) => query.where('c.org_id', '=', orgId))
      .orderBy('c.id')
      .execute();
    return {
      data: credentials,
      text: tableFormat(
        credentials,
        {
          ID: (credential) => credential.id,
          ORG: (credential) => credential.org,
          MEMBER: (credential) => credential.email,
          NAME: (credential) => credential.name ?? '',
          ACCOUNT: (credential) => credential.sa_name,
          CREATED: (credential) => timeShow(credential.created_at),
          EXPIRES: (credential) => timeShow(credential.expires_at),
        },
        'There is no such credential.',
      ),
    };
  },
};

const credentialRevokeCommand: Command = {
  name: 'kubectl-revoke',
  summary: 'Revoke a kubectl credential',
  details:
    'The running server removes it from the cluster, which refuses its kubeconfig within 11 seconds.',
  options: {
    id: { value: 'id', description: 'as kubectl-list shows it', required: true },
  },
  async run({ trx, clock }, values) {
    const id = idOf(values, 'id');
    const org = await trx
      .selectFrom('kubectl_credentials as c')
      .innerJoin('orgs as o', 'o.id', 'c.org_id')
      .select(['o.id', 'o.slug'])
      .where('c.id', '=', id)
      .where('c.deleted_at', 'is', null)
      .executeTakeFirst();
    if (org === undefined) {
      throw new OperatorError(
        `There is no kubectl credential ${id}: see dollarbox-admin kubectl-list.`,
      );
    }
    const { email } = await kubectlCredentialDelete(trx, operatorIn(org), { id }, { clock });
    return {
      data: { id, org: org.slug, email },
      text: `The kubectl credential ${id} of ${email} in the org ${org.slug} is revoked.`,
    };
  },
};

export const kubectlCommands: readonly Command[] = [credentialListCommand, credentialRevokeCommand];
