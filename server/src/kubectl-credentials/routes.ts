import { DomainError } from '../base/domain-error.ts';
import { notFound } from '../base/errors.ts';
import { objectRequire } from '../changes/policy.ts';
import type { ApiDeps } from '../http/deps.ts';
import { pageLinks, pageRequestParse } from '../http/pagination.ts';
import {
  type Call,
  type Route,
  pathId,
  pathIdRequire,
  preconditionOf,
  routeDefine,
} from '../http/route.ts';
import { pageSchema } from '../http/schema.ts';
import { writeRunStaged } from '../http/write-staged.ts';
import { writeRun } from '../http/write.ts';
import * as operations from './operations.ts';
import {
  KubectlCredential,
  KubectlCredentialCreate,
  KubectlCredentialListQuery,
  KubectlCredentialMade,
} from './schema.ts';
import * as store from './store.ts';

const TAG = 'kubectl credentials';

const kubectlCredentialList = routeDefine({
  operationId: 'kubectlCredentialList',
  method: 'GET',
  path: '/kubectl-credentials/',
  tag: TAG,
  summary: 'List kubectl credentials',
  description:
    'Your credentials in one org, or in all your orgs when none is named, newest first. With `?all=true`, also those of others, in orgs of which you are an admin or owner. An org where kubectl mode is off has none.',
  action: 'kubectl_credential.list',
  org: 'read',
  query: KubectlCredentialListQuery,
  success: {
    status: 200,
    description: 'A page of credentials.',
    schema: pageSchema(KubectlCredential),
  },
  async handle(call, { db, config, clock }) {
    const isAll = call.query.all === 'true';
    const [only, ...more] = call.orgs;
    if (only !== undefined && more.length === 0) {
      objectRequire('kubectl_credential.list', only, { isAll });
    }
    const slugs = new Map(call.orgs.map((org) => [org.orgId, org.slug]));
    const page = await store.kubectlCredentialList(
      db,
      [...slugs.keys()],
      visibilityOf(call, isAll),
      pageRequestParse(call.query),
      clock.now(),
    );
    return {
      status: 200,
      body: {
        ...pageLinks(config.publicUrl, call.request.url, page),
        results: page.rows.map((row) =>
          store.kubectlCredentialShow(row, slugs.get(row.org_id) ?? ''),
        ),
      },
    };
  },
});

const kubectlCredentialCreate = routeDefine({
  operationId: 'kubectlCredentialCreate',
  method: 'POST',
  path: '/kubectl-credentials/',
  tag: TAG,
  summary: 'Create a kubectl credential',
  description:
    'Issues a kubeconfig for the namespace of the org, which is in this reply alone. kubectl mode must be on (`kubectl_enabled` of the org). It needs no body. A member may have ten in an org; those with `expires_in` of an hour or less are counted apart: 50 for a member, 200 for an org.',
  action: 'kubectl_credential.create',
  org: 'write',
  body: KubectlCredentialCreate,
  example: { name: 'laptop', expires_in: 3600 },
  success: {
    status: 201,
    description: 'The new credential, with its kubeconfig.',
    schema: KubectlCredentialMade,
    etag: true,
  },
  errors: ['kubectl_disabled', 'quota_exceeded', 'idempotency_mismatch', 'idempotency_in_progress'],
  async handle(call, deps) {
    const input = call.body ?? {};
    return writeRunStaged(
      deps,
      call,
      { org: true },
      {
        isRunning: store.credentialIsBeingIssued,
        begin: (trx, actor, requestKey) =>
          operations.kubectlCredentialBegin(trx, actor, { ...input, requestKey }, deps),
        act: (begun) => operations.kubectlCredentialIssue(credentialsRequire(deps), begun),
        async finish(trx, actor, begun, issued) {
          const row = await operations.kubectlCredentialCreate(trx, actor, begun, issued, deps);
          const shown = store.kubectlCredentialShow(row, actor.org.slug);
          return {
            status: 201,
            body: { ...shown, kubeconfig: issued.kubeconfig },
            version: store.KUBECTL_CREDENTIAL_VERSION,
          };
        },
        abandon: async ({ id }) =>
          void (await store.credentialRowRevoke(deps.db, id, deps.clock.now())),
      },
    );
  },
});

const kubectlCredentialRead = routeDefine({
  operationId: 'kubectlCredentialRead',
  method: 'GET',
  path: '/kubectl-credentials/{id}/',
  tag: TAG,
  summary: 'Read a kubectl credential',
  description: 'One credential, without its kubeconfig.',
  action: 'kubectl_credential.read',
  org: 'read',
  success: { status: 200, description: 'The credential.', schema: KubectlCredential, etag: true },
  errors: ['not_found'],
  async handle(call, { db, clock }) {
    const id = pathId(call.params);
    const orgIds = call.orgs.map((org) => org.orgId);
    const row =
      id === null
        ? null
        : await store.kubectlCredentialRead(
            ...([db, orgIds, visibilityOf(call, true), id, clock.now()] as const),
          );
    const org = call.orgs.find((candidate) => candidate.orgId === row?.org_id);
    if (row === null || org === undefined) throw notFound();
    return {
      status: 200,
      body: store.kubectlCredentialShow(row, org.slug),
      version: store.KUBECTL_CREDENTIAL_VERSION,
      headers: { 'x-dollarbox-org': org.slug },
    };
  },
});

const kubectlCredentialDelete = routeDefine({
  operationId: 'kubectlCredentialDelete',
  method: 'DELETE',
  path: '/kubectl-credentials/{id}/',
  tag: TAG,
  summary: 'Revoke a kubectl credential',
  description:
    'Ends the access of its kubeconfig, for good: within 11 seconds the cluster answers it with 401.',
  action: 'kubectl_credential.delete',
  org: 'write',
  success: { status: 204, description: 'Revoked.' },
  errors: ['not_found', 'precondition_failed'],
  async handle(call, deps) {
    return writeRun(deps, call, {}, async (trx, actor) => {
      const input = { id: pathIdRequire(call.params), precondition: preconditionOf(call) };
      await operations.kubectlCredentialDelete(trx, actor, input, deps);
      return { status: 204 };
    });
  },
});

export const kubectlCredentialRoutes: readonly Route[] = [
  kubectlCredentialList,
  kubectlCredentialCreate,
  kubectlCredentialRead,
  kubectlCredentialDelete,
];

/** @param isAll whether the caller wants to see those of others, where they may. */
function visibilityOf({ principal, orgs }: Pick<Call, 'principal' | 'orgs'>, isAll: boolean) {
  const whole = isAll ? orgs.filter(({ role }) => operations.seesAll(role)) : [];
  return { userId: principal.userId, orgIdsWhole: whole.map(({ orgId }) => orgId) };
}

/** @throws DomainError */
function credentialsRequire({ credentials }: Pick<ApiDeps, 'credentials'>) {
  if (credentials !== null) return credentials;
  throw new DomainError('engine_unavailable', 'The cluster can not be reached from here.');
}
