import { EngineError } from '@dollarbox/engines/contract';
import type { Workload as EngineWorkload } from '@dollarbox/engines/workloads';
import { DomainError } from '../base/domain-error.ts';
import { notFound } from '../base/errors.ts';
import type { ApiDeps } from '../http/deps.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import { type Route, routeDefine } from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { workloadPage } from './page.ts';
import { Workload, WorkloadListQuery } from './schema.ts';

const GIB = 2 ** 30;

const workloadList = routeDefine({
  operationId: 'workloadList',
  method: 'GET',
  path: '/orgs/{slug}/workloads/',
  tag: 'Orgs',
  summary: "List an org's workloads",
  description:
    "What members run in the org's namespace with kubectl, and what it has of the org's limits, newest first. It is changed with kubectl alone. The containers and volumes of the API are not in it. On an engine without kubectl it is empty.",
  action: 'workload.list',
  org: 'path',
  query: WorkloadListQuery,
  success: { status: 200, description: 'A page of workloads.', schema: pageSchema(Workload) },
  async handle(call, deps) {
    const [org] = call.orgs;
    if (org === undefined) throw notFound();
    const { name } = call.query;
    const found = await workloadsRead(deps, org.orgId);
    const wanted = name === undefined ? found : found.filter((each) => each.name === name);
    const page = workloadPage(wanted, pageRequestParse(call.query));
    return {
      status: 200,
      body: {
        ...pageLinks(deps.config.publicUrl, call.request.url, page),
        results: page.rows.map(workloadShow),
      },
    };
  },
});

export const workloadRoutes: readonly Route[] = [workloadList];

/** @throws DomainError if the engine does not answer. */
async function workloadsRead(
  { access, workloads }: Pick<ApiDeps, 'access' | 'workloads'>,
  orgId: number,
): Promise<readonly EngineWorkload[]> {
  if (workloads === null) {
    if (access !== null) return [];
    throw new DomainError('engine_unavailable', 'The engine can not be reached from here.');
  }
  try {
    return await workloads.list(orgId);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new DomainError('engine_unavailable', error.message, {}, { cause: error });
  }
}

function workloadShow({ kind, name, owner, uses, createdAt }: EngineWorkload): Workload {
  return {
    ...{ kind, name, owner },
    uses: {
      containers: uses.containers,
      memory_bytes: uses.memoryBytes,
      volume_gb: uses.volumeBytes / GIB,
      addresses: uses.addresses,
    },
    created_at: createdAt.toISOString(),
  };
}
