/** The Secret by which nodes sign in to a registry for one org. Pure. */
import type { RegistryCredential } from '../../registry/registry-session.ts';
import { ownLabels } from '../base/names.ts';

/** The name that Docker Hub's credentials have in Docker's configuration files, which Kubernetes reads. */
const HUB_KEY = 'https://index.docker.io/v1/';

export function pullSecretRender(
  installationId: string,
  name: string,
  registry: string,
  { username, secret }: RegistryCredential,
): object {
  const key = registry === 'docker.io' ? HUB_KEY : registry;
  const auth = Buffer.from(`${username}:${secret}`).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: ownLabels(installationId) },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: {
      '.dockerconfigjson': JSON.stringify({
        auths: { [key]: { username, password: secret, auth } },
      }),
    },
  };
}
