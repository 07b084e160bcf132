/** The credential verbs: an account for each kubeconfig, with a token that ends with it. */
import { EngineError } from '../../contract.ts';
import type { CredentialKey, CredentialSpec, IssuedCredential } from '../../credentials.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { KubeList, KubeObject } from '../api/objects.ts';
import { LABELS, ownSelector, tenantNamespace } from '../base/names.ts';
import {
  accountRender,
  anchorRender,
  bindingRender,
  CREDENTIALS_NAMESPACE,
  tokenRequestRender,
} from './credential-render.ts';
import { kubeconfigRender } from '../../kubeconfig.ts';

const FOLDER = `/api/v1/namespaces/${CREDENTIALS_NAMESPACE}`;
/** The API server accepts no shorter and no longer terms. */
const [TERM_MIN_SECONDS, TERM_MAX_SECONDS] = [600, 2 ** 32];
/** A token that was granted this share of the longest term is as good as one without an end. */
const ENDLESS_SHARE = 0.5;

export interface Credentials {
  issue(spec: CredentialSpec, signal: AbortSignal): Promise<IssuedCredential>;
  revoke(key: CredentialKey, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<CredentialKey[]>;
}

export interface CredentialParts {
  installationId: string;
  api: KubeApi;
  /** The API server as people reach it; null: as this process does. */
  publicUrl: string | null;
  now: () => Date;
  /** Makes the namespace ready for people who read everything in it. */
  tenantOpen(id: number, signal: AbortSignal): Promise<void>;
}

interface TokenRequest {
  status: { token: string; expirationTimestamp: string };
}

export function credentialsCreate(parts: CredentialParts): Credentials {
  const { installationId, api, publicUrl, now, tenantOpen } = parts;
  const bindingsPath = (tenantId: number) =>
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${tenantNamespace(installationId, tenantId)}/rolebindings`;

  /** @returns the object; undefined if there was one of that name. */
  async function create(
    path: string,
    body: object,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    try {
      return await api.call<KubeObject>({ method: 'POST', path, body, signal });
    } catch (error) {
      if (isKubeStatus(error, 409, 'AlreadyExists')) return undefined;
      throw error;
    }
  }

  const remove = (path: string, signal: AbortSignal) =>
    unlessMissing(api.call({ method: 'DELETE', path, signal }));

  /** A new one each time: what was bound to a former one ends. */
  async function anchorCreate(key: CredentialKey, signal: AbortSignal): Promise<string> {
    const body = anchorRender(installationId, key);
    const path = `${FOLDER}/secrets`;
    let made = await create(path, body, signal);
    if (made === undefined) {
      await remove(`${path}/${key.account}`, signal);
      made = await create(path, body, signal);
    }
    if (made !== undefined) return made.metadata.uid;
    throw new EngineError('retryable', 'busy', 'The credential is being issued already.');
  }

  function expiryOf({ status }: TokenRequest, lifetimeSeconds: number | null): Date | null {
    const granted = new Date(status.expirationTimestamp);
    const grantedSeconds = (granted.getTime() - now().getTime()) / 1000;
    if (lifetimeSeconds === null) {
      return grantedSeconds > TERM_MAX_SECONDS * ENDLESS_SHARE ? null : granted;
    }
    const wanted = new Date(now().getTime() + lifetimeSeconds * 1000);
    return granted < wanted ? granted : wanted;
  }

  async function issue(spec: CredentialSpec, signal: AbortSignal): Promise<IssuedCredential> {
    const { account, tenantId, context, lifetimeSeconds } = spec;
    await tenantOpen(tenantId, signal);
    await create(`${FOLDER}/serviceaccounts`, accountRender(installationId, spec), signal);
    const anchorUid = await anchorCreate(spec, signal);
    await create(bindingsPath(tenantId), bindingRender(installationId, spec), signal);
    const term = Math.max(lifetimeSeconds ?? TERM_MAX_SECONDS, TERM_MIN_SECONDS);
    const request = await api.call<TokenRequest>({
      method: 'POST',
      path: `${FOLDER}/serviceaccounts/${account}/token`,
      body: tokenRequestRender(account, anchorUid, term),
      signal,
    });
    const { server, authority } = await api.server();
    return {
      kubeconfig: kubeconfigRender({
        ...{ server: publicUrl ?? server, authority, context, account },
        namespace: tenantNamespace(installationId, tenantId),
        token: request.status.token,
      }),
      expiresAt: expiryOf(request, lifetimeSeconds),
    };
  }

  return {
    async issue(spec, signal) {
      try {
        return await issue(spec, signal);
      } catch (error) {
        if (!isKubeStatus(error, 403) && !isKubeStatus(error, 404)) throw error;
        throw new EngineError(
          'permanent',
          'not_set_up',
          'The cluster is not prepared for kubectl credentials: its administrator has to apply engines/kubernetes/rbac.yaml and policies.yaml again.',
          { cause: error },
        );
      }
    },

    /** The Secret first: with it, the token ends. */
    async revoke({ account, tenantId }, signal) {
      await remove(`${FOLDER}/secrets/${account}`, signal);
      await remove(`${FOLDER}/serviceaccounts/${account}`, signal);
      await remove(`${bindingsPath(tenantId)}/${account}`, signal);
    },

    async list(signal) {
      const labelSelector = ownSelector(installationId, { [LABELS.role]: 'credential' });
      const { items } = await api.call<KubeList<KubeObject>>({
        ...{ method: 'GET', path: `${FOLDER}/serviceaccounts`, query: { labelSelector }, signal },
      });
      return items.map(({ metadata: { name, labels } }) => ({
        account: name,
        tenantId: Number(labels?.[LABELS.tenant]),
      }));
    },
  };
}
