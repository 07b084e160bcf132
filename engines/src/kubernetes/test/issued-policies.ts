/** What a holder of an issued kubeconfig is refused in their own namespace, where rights alone would allow it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isKubeStatus } from '../api/client.ts';
import type { CredentialUser } from './credential-user.ts';
import { ADDRESS, PODS_ACCEPTED, PODS_REFUSED, SERVICES_REFUSED, podSpec } from './policy-cases.ts';
import type { Fields } from './policy-cases.ts';

const named = (spec: Fields, metadata: Fields = {}) => ({
  metadata: { name: 'tried', ...metadata },
  spec,
});

function deployment(spec: Fields = {}, template: Fields = {}, metadata: Fields = {}) {
  const own = { metadata: { labels: { app: 'tried' } }, spec: podSpec(), ...template };
  return named({ selector: { matchLabels: { app: 'tried' } }, template: own, ...spec }, metadata);
}

const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const OURS = { 'dollarbox.io/container': '1' };
const MANAGED = { 'dollarbox.io/managed-by': 'control-panel' };
const DEPLOYMENTS = '/apis/apps/v1/deployments';

/** What is tried, where, the object, and what the refusal says. */
const OBJECTS_REFUSED: [string, string, object, RegExp][] = [
  [
    'a Service with an annotation for a load balancer',
    '/api/v1/services',
    named(ADDRESS, { annotations: { 'metallb.io/loadBalancerIPs': 'fd00::1' } }),
    /annotations/,
  ],
  [
    'a claim of a class that is not offered',
    '/api/v1/persistentvolumeclaims',
    named({ ...CLAIM, storageClassName: 'other' }),
    /"other" is not offered/,
  ],
  [
    'a claim of a volume that is there',
    '/api/v1/persistentvolumeclaims',
    named({ ...CLAIM, volumeName: 'other' }),
    /leave out volumeName/,
  ],
  [
    'a Secret for the token of an account',
    '/api/v1/secrets',
    {
      metadata: { name: 'tried', annotations: { 'kubernetes.io/service-account.name': 'default' } },
      type: 'kubernetes.io/service-account-token',
    },
    /token of a ServiceAccount/,
  ],
  [
    "a label of DollarBox's",
    '/api/v1/configmaps',
    { metadata: { name: 'tried', labels: OURS } },
    /DollarBox's own/,
  ],
  [
    "an annotation of DollarBox's",
    '/api/v1/configmaps',
    { metadata: { name: 'tried', annotations: MANAGED } },
    /DollarBox's own/,
  ],
  [
    "a pod that a container's Service would lead to",
    '/api/v1/pods',
    named(podSpec(), { labels: OURS }),
    /DollarBox's own/,
  ],
  [
    'a pod that says it is of the panel, and so needs not pull its image',
    '/api/v1/pods',
    named(podSpec({}, { imagePullPolicy: 'Never' }), { labels: MANAGED }),
    /DollarBox's own/,
  ],
  [
    "a Deployment whose pods a container's Service would lead to",
    DEPLOYMENTS,
    deployment({}, { metadata: { labels: { app: 'tried', ...OURS } } }),
    /of pods/,
  ],
  [
    "a Deployment that may take over the panel's pods",
    DEPLOYMENTS,
    deployment({
      selector: {
        matchLabels: { app: 'tried' },
        matchExpressions: [{ key: 'other', operator: 'DoesNotExist' }],
      },
    }),
    /use matchLabels/,
  ],
  [
    'a StatefulSet from the images of a node',
    '/apis/apps/v1/statefulsets',
    deployment(
      { serviceName: 'tried' },
      { spec: podSpec({}, { imagePullPolicy: 'IfNotPresent' }) },
    ),
    /imagePullPolicy/,
  ],
  [
    'a Job with a priority',
    '/apis/batch/v1/jobs',
    named({ template: { spec: podSpec({ priorityClassName: 'urgent', restartPolicy: 'Never' }) } }),
    /priority class/,
  ],
  [
    "a CronJob whose pods have a label of DollarBox's",
    '/apis/batch/v1/cronjobs',
    named({
      schedule: '* * * * *',
      jobTemplate: {
        spec: {
          template: { metadata: { labels: OURS }, spec: podSpec({ restartPolicy: 'Never' }) },
        },
      },
    }),
    /of pods/,
  ],
];

export function issuedPoliciesTests(user: () => CredentialUser): void {
  /** @returns null if it would be created. */
  async function refusal(place: string, body: object): Promise<string | null> {
    const [, group = '', kind = ''] = /^(.*)\/([a-z]+)$/.exec(place) ?? [];
    const path = `${group}/namespaces/${user().namespace}/${kind}`;
    try {
      await user().api.call({ method: 'POST', path, query: { dryRun: 'All' }, body });
      return null;
    } catch (error) {
      assert.ok(isKubeStatus(error, 403) || isKubeStatus(error, 422), String(error));
      return String(error);
    }
  }
  const refused = async (place: string, body: object, message: RegExp) =>
    assert.match((await refusal(place, body)) ?? 'accepted', message);

  describe('by an issued kubeconfig', () => {
    for (const [what, spec] of PODS_ACCEPTED) {
      test(`a pod ${what} is created`, async () =>
        assert.equal(await refusal('/api/v1/pods', named(spec)), null));
    }
    for (const [what, spec, message] of PODS_REFUSED) {
      test(`a pod ${what} is refused`, () => refused('/api/v1/pods', named(spec), message));
    }
    for (const [what, spec, message] of SERVICES_REFUSED) {
      test(`a Service ${what} is refused`, () => refused('/api/v1/services', named(spec), message));
    }
    for (const [what, place, body, message] of OBJECTS_REFUSED) {
      test(`${what} is refused`, () => refused(place, body, message));
    }
  });
}
