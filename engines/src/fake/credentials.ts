/** The credentials of a fake world. Whether a token still works is up to `world.credentials`. */
import type { CredentialSpec, EngineCredentials, IssuedCredential } from '../credentials.ts';
import { kubeconfigRender } from '../kubeconfig.ts';
import type { FakeVerb } from './faults.ts';
import type { FakeWorld } from './world.ts';

type Verb = <T>(name: FakeVerb, subject: number | string | null, effect: () => T) => Promise<T>;

export function fakeCredentialsCreate(
  world: FakeWorld,
  installationId: string,
  verb: Verb,
): EngineCredentials {
  function issue({
    account,
    tenantId,
    context,
    lifetimeSeconds,
  }: CredentialSpec): IssuedCredential {
    const token = world.tokenCreate();
    world.credentials.set(account, { account, tenantId, installationId, token });
    const namespace = `tenant-${tenantId}`;
    const server = 'https://kubernetes.invalid:6443';
    return {
      kubeconfig: kubeconfigRender({ server, authority: null, namespace, context, account, token }),
      expiresAt:
        lifetimeSeconds === null
          ? null
          : new Date(world.clock.now().getTime() + lifetimeSeconds * 1000),
    };
  }

  return {
    issue: (spec) => verb('credentials.issue', spec.account, () => issue(spec)),
    revoke: ({ account }) =>
      verb('credentials.revoke', account, () => {
        const found = world.credentials.get(account);
        if (found?.installationId === installationId) world.credentials.delete(account);
      }),
    list: () =>
      verb('credentials.list', null, () =>
        [...world.credentials.values()]
          .filter((credential) => credential.installationId === installationId)
          .map(({ account, tenantId }) => ({ account, tenantId })),
      ),
  };
}
