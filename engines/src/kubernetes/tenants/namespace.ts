/** Makes namespaces, and never takes one that is somebody else's. */
import { EngineError } from '../../contract.ts';
import { isKubeStatus, unlessMissing } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { KubeObject } from '../api/objects.ts';
import { LABELS } from '../base/names.ts';
import { poll } from '../base/poll.ts';

/** One that is being removed is waited for. @throws EngineError if there is one that is not ours. */
export async function namespaceEnsure(
  installationId: string,
  api: KubeApi,
  name: string,
  wanted: object,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  await poll(signal, async () => {
    const found = await unlessMissing(api.call<KubeObject>({ method: 'GET', path, signal }));
    if (found === undefined) {
      try {
        await api.call({ method: 'POST', path: '/api/v1/namespaces', body: wanted, signal });
        return true;
      } catch (error) {
        if (!isKubeStatus(error, 409)) throw error;
        return false;
      }
    }
    if (found.metadata.deletionTimestamp !== undefined) return false;
    if (found.metadata.labels?.[LABELS.installation] === installationId) return true;
    throw new EngineError(
      'permanent',
      'name_taken',
      'The cluster has a namespace of that name that is not of this installation.',
    );
  });
  await api.apply(path, wanted, signal);
}
