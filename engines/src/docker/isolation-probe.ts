import type { IsolationReport } from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { Firewall } from './firewall.ts';
import type { DockerContext } from './options.ts';
export function createIsolationProbe(
  _context: DockerContext,
  _api: DockerApi,
  _firewall: Firewall,
  _isLocal: boolean,
) {
  return async (_signal: AbortSignal): Promise<IsolationReport> => ({
    state: 'unknown',
    findings: ['not made yet'],
    remedies: [],
  });
}
