import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, Pod, Service } from '../api/objects.ts';
import { seenContainersCreate } from './seen.ts';

const INSTALLATION = 'aaaabbbbcccc';
const ID = 7;
let version = 0;

function metadata(name: string) {
  version += 1;
  return {
    ...{ name, namespace: 'org', uid: name, resourceVersion: String(version), generation: 1 },
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: {
      'dollarbox.io/installation': INSTALLATION,
      'dollarbox.io/container': String(ID),
    },
  };
}

function deployment(status: Deployment['status'] = {}): Deployment {
  const template = { spec: { containers: [{ image: 'r/web@sha256:1' }] } };
  return { metadata: metadata('web-7'), spec: { replicas: 1, template }, status };
}

const pod = (status: NonNullable<Pod['status']>): Pod => ({ metadata: metadata('p'), status });

function running(startedAt: string, ready: boolean): Pod {
  const process = { restartCount: 0, ready, state: { running: { startedAt } } };
  return pod({ phase: 'Running', containerStatuses: [process] });
}

function service(ip?: string): Service {
  const selector = {
    'dollarbox.io/installation': INSTALLATION,
    'dollarbox.io/container': String(ID),
  };
  const ingress = ip === undefined ? [] : [{ ip }];
  return {
    metadata: metadata('web'),
    spec: { type: 'LoadBalancer', selector },
    status: { loadBalancer: { ingress } },
  };
}

test('of all that happens at a start, two changes are news: the address and the process', () => {
  const seen = seenContainersCreate(INSTALLATION);
  const [made, own] = [deployment(), service()];
  seen.looked(ID, { deployment: made, pods: [], service: own });
  const news = [
    ['the Service', seen.changed('services', own)],
    ['the Deployment', seen.changed('deployments', made)],
    ['its status', seen.changed('deployments', deployment({ conditions: [] }))],
    ['the address', seen.changed('services', service('fd00::7'))],
    ['the pod', seen.changed('pods', pod({ phase: 'Pending' }))],
    [
      'its node',
      seen.changed('pods', pod({ conditions: [{ type: 'PodScheduled', status: 'True' }] })),
    ],
    ['the process', seen.changed('pods', running('2026-01-01T00:00:02Z', false))],
    ['its readiness', seen.changed('pods', running('2026-01-01T00:00:02Z', true))],
  ].flatMap(([what, isNews]) => (isNews === true ? what : []));
  assert.deepEqual(news, ['the address', 'the process']);
  assert.equal(seen.namespaceOf(ID), 'org');
});

test('what this process saw itself is no news, and what happened before and after it is', () => {
  const seen = seenContainersCreate(INSTALLATION);
  const [made, before, after] = [
    deployment(),
    running('2026-01-01T00:00:02Z', true),
    running('2026-01-01T00:00:09Z', true),
  ];
  assert.equal(seen.changed('deployments', made), true);
  seen.looked(ID, { deployment: made, pods: [after], service: undefined });
  assert.equal(seen.changed('pods', before), true);
  assert.equal(seen.changed('pods', after), true);
  seen.looked(ID, { deployment: made, pods: [after], service: undefined });
  assert.equal(seen.changed('pods', after), false);
});

test('what is gone is news once, and is forgotten', () => {
  const seen = seenContainersCreate(INSTALLATION);
  const [made, process] = [deployment(), running('2026-01-01T00:00:02Z', true)];
  seen.changed('deployments', made);
  seen.changed('pods', process);
  assert.equal(seen.removed('pods', process), true);
  assert.equal(seen.removed('deployments', made), true);
  assert.equal(seen.namespaceOf(ID), undefined);
  assert.equal(seen.removed('services', service()), false);
});
