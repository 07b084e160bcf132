/** Signs the tokens of a registry's token server: the Docker registry token specification, "Token Authentication". */
import { execFile } from 'node:child_process';
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianRoot } from '@dollarbox/host/apt';

export interface TokenSigner {
  /** A file with the certificate that the registry trusts. */
  certificatePath: string;
  /** @param actions default: to pull. */
  tokenFor(repository: string, actions?: readonly string[]): string;
}

const SERVICE = 'registry.test';
const ISSUER = 'tokens.test';

/** The section `auth` of a registry that takes these tokens. */
export function tokenAuth(realm: string, { certificatePath }: TokenSigner): object {
  return {
    token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certificatePath },
  };
}

/** @param folder where its key and certificate are written. */
export async function tokenSignerCreate(folder: string): Promise<TokenSigner> {
  const [keyPath, certificatePath] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const root = await debianRoot(['openssl']);
  await promisify(execFile)(join(root, 'usr/bin/openssl'), [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', '/CN=tokens', '-days', '2', '-keyout', keyPath, '-out', certificatePath],
  ]);
  const key = createPrivateKey(await readFile(keyPath));
  const certificate = new X509Certificate(await readFile(certificatePath));
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    certificatePath,
    tokenFor(repository, actions = ['pull']) {
      const now = Math.floor(Date.now() / 1000);
      const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
      const claims = {
        ...{ iss: ISSUER, sub: '', aud: SERVICE, jti: randomUUID() },
        ...{ iat: now - 60, nbf: now - 60, exp: now + 600 },
        access: [{ type: 'repository', name: repository, actions }],
      };
      const signed = `${encode(header)}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
  };
}
