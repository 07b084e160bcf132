/**
 * Finds out through real connections whether the namespaces of orgs are kept apart: pods in two namespaces that are like
 * those of orgs try to reach each other, the nodes, the API servers and metadata services. Pods that may do so try the
 * same, to show that it would work.
 */
import { randomBytes } from 'node:crypto';
import { EngineError } from '../../contract.ts';
import type { IsolationReport } from '../../contract.ts';
import type { KubeApi } from '../api/client.ts';
import type { EndpointSlice, KubeList, Node } from '../api/objects.ts';
import { probeNamespace, systemNamespace } from '../base/names.ts';
import type { KubernetesContext } from '../base/options.ts';
import type { ClusterNetworks } from './cluster-networks.ts';
import { namespaceEnsure } from './namespace.ts';
import { networkPolicyRender } from './network-render.ts';
import { policiesCheck } from './policy-check.ts';
import { ProbeImageError, probePodsCreate } from './probe-pods.ts';
import type { ProbePods } from './probe-pods.ts';
import { isolationReport, unknownReport } from './probe-report.ts';
import { hostPort, listenCommand, PROBE_PORT } from './probe-script.ts';
import { probeNamespaceRender } from './tenant-render.ts';
import type { UserNamespaces } from './user-namespaces.ts';

const DEADLINE_MS = 240_000;
const CLEANUP_MS = 20_000;
/** Nodes are alike; a few stand for all. */
const NODES_TRIED = 3;
const KUBELET_PORT = 10_250;
const METADATA = ['169.254.169.254', 'fd00:ec2::254'];

export interface IsolationProbeParts {
  context: KubernetesContext;
  api: KubeApi;
  networks: ClusterNetworks;
  userNamespaces: UserNamespaces;
  image: string;
}

interface Target {
  at: string;
  /** The rest of the sentence that begins with "A pod in the namespace of one org reached". */
  what: string;
}

/** @returns a function that probes. It throws only EngineError `engine_closed`. */
export function isolationProbeCreate(
  parts: IsolationProbeParts,
): (closing: AbortSignal) => Promise<IsolationReport> {
  const { context, api, networks, userNamespaces, image } = parts;
  const { installationId } = context;
  const [ours, theirs] = [probeNamespace(installationId, 1), probeNamespace(installationId, 2)];

  async function namespacesEnsure(signal: AbortSignal): Promise<void> {
    const own = await networks.read(signal);
    for (const side of [1, 2] as const) {
      const name = probeNamespace(installationId, side);
      const wanted = probeNamespaceRender(installationId, side);
      await namespaceEnsure(installationId, api, name, wanted, signal);
      const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies/dollarbox`;
      await api.apply(path, networkPolicyRender(installationId, name, own), signal);
    }
  }

  /** The cluster's own listeners. */
  async function clusterTargets(signal: AbortSignal): Promise<Target[]> {
    const get = <T>(path: string) => api.call<T>({ method: 'GET', path, signal });
    const slice = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';
    const [nodes, servers] = await Promise.all([
      get<KubeList<Node>>('/api/v1/nodes'),
      get<EndpointSlice>(slice),
    ]);
    const ofNodes = nodes.items.slice(0, NODES_TRIED).flatMap(({ status }) =>
      (status.addresses ?? [])
        .filter(({ type }) => type === 'InternalIP')
        .map(({ address }) => ({
          at: hostPort(address, KUBELET_PORT),
          what: `a node at ${address}`,
        })),
    );
    const port = servers.ports?.[0]?.port ?? 443;
    const ofServers = servers.endpoints
      .flatMap(({ addresses }) => addresses)
      .map((address) => ({ at: hostPort(address, port), what: `the API server at ${address}` }));
    const metadata = METADATA.map((address) => ({
      at: hostPort(address, 80),
      what: `the metadata service at ${address}`,
    }));
    return [...ofNodes, ...ofServers, ...metadata];
  }

  async function probe(pods: ProbePods, signal: AbortSignal): Promise<IsolationReport> {
    const neighbour = await pods.start(ours, 'listener', listenCommand());
    const stranger = await pods.start(theirs, 'listener', listenCommand());
    const near = await pods.running(ours, neighbour, signal);
    const far = await pods.running(theirs, stranger, signal);
    const targetsOf = (addresses: string[], what: string): Target[] =>
      addresses.map((address) => ({
        at: hostPort(address, PROBE_PORT),
        what: `${what} ${address}`,
      }));
    const [nearTargets, farTargets] = [
      targetsOf(near, "its neighbour's address"),
      targetsOf(far, "another org's pod at"),
    ];
    const own = await clusterTargets(signal);
    const ats = (targets: readonly Target[]) => targets.map(({ at }) => at);
    const [tried, other, free] = await Promise.all([
      pods.connect(ours, ats([...nearTargets, ...farTargets, ...own])),
      pods.connect(theirs, ats([...farTargets, ...nearTargets])),
      pods.connect(systemNamespace(installationId), ats([...own])),
    ]);
    const nearOf = nearTargets.length;
    const reached = [...farTargets, ...own]
      .filter((_, index) => tried?.has(nearOf + index))
      .map(({ what }) => `A pod in the namespace of one org reached ${what}.`);
    if (nearTargets.some((_, index) => other?.has(farTargets.length + index))) {
      reached.push("A pod in the namespace of one org reached another org's pod, in reverse.");
    }
    const silent = [
      ...(tried?.has(0) === true ? [] : ['A pod could not reach its neighbour.']),
      ...(other?.has(0) === true ? [] : ['A pod of another org could not reach its neighbour.']),
      ...(free === null || free.size === 0
        ? ['No pod reaches a node or the API server, so that it shows nothing that orgs do not.']
        : []),
    ];
    return isolationReport({ reached, silent, accepted: await policiesCheck(api, ours, signal) });
  }

  return async (closing) => {
    const run = {
      id: randomBytes(4).toString('hex'),
      image,
      signal: AbortSignal.any([closing, AbortSignal.timeout(DEADLINE_MS)]),
    };
    let pods: ProbePods | undefined;
    try {
      await namespacesEnsure(run.signal);
      const isApart = await userNamespaces.find(run);
      pods = probePodsCreate(installationId, api, run, isApart);
      return await probe(pods, run.signal);
    } catch (error) {
      if (closing.aborted) {
        const message = 'The engine was closed before the probe had ended.';
        throw new EngineError('retryable', 'engine_closed', message, { cause: error });
      }
      context.log.warn({ err: error }, 'the isolation probe failed');
      if (error instanceof ProbeImageError) {
        const remedy =
          'Set PROBE_IMAGE to an image with BusyBox that the nodes can pull, or accept it with ISOLATION=weak.';
        return unknownReport(error.message, remedy);
      }
      const said = run.signal.aborted ? 'the pods for it did not run in time.' : String(error);
      return unknownReport(said, 'Remove the cause and start again, or set ISOLATION=weak.');
    } finally {
      const late = AbortSignal.timeout(CLEANUP_MS);
      await pods?.clean(late).catch((error: unknown) => {
        context.log.warn({ err: error }, 'the isolation probe left pods behind');
      });
    }
  };
}
