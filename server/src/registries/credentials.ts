import type { DockerEngineOptions } from '@dollarbox/engines/docker/options';
import { registryKey } from '@dollarbox/engines/image-reference';
import type { SecretBox } from '../base/secrets.ts';
import type { Db } from '../db/database.ts';
import { registryChoose } from './rules.ts';
import { registrySecretOpen } from './store.ts';

type CredentialSource = NonNullable<DockerEngineOptions['registryCredential']>;

/** The credential that an org's image is pulled with. */
export function registryCredentialSource(db: Db, secrets: SecretBox): CredentialSource {
  return async (orgId, reference) => {
    const rows = await db
      .selectFrom('registries')
      .select(['id', 'host_key', 'path_prefix', 'username', 'secret_sealed'])
      .where('org_id', '=', orgId)
      .where('host_key', '=', registryKey(reference.registry))
      .execute();
    const chosen = registryChoose(rows, reference);
    if (chosen === null) return null;
    const { id, username, secret_sealed: sealed } = chosen;
    return { id, username, secret: registrySecretOpen(secrets, orgId, sealed) };
  };
}
