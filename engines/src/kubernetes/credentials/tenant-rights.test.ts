import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadAllYaml } from '@kubernetes/client-node';
import { TENANT_RIGHTS } from './tenant-rights.ts';

interface Role {
  kind: string;
  metadata: { name: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

test('the role of tenants in rbac.yaml is exactly these rights', () => {
  const path = new URL('../../../kubernetes/rbac.yaml', import.meta.url);
  const objects = loadAllYaml(readFileSync(path, 'utf8')) as Role[];
  const role = objects.find(({ metadata }) => metadata.name === 'dollarbox-tenant');
  assert.equal(role?.kind, 'ClusterRole');
  const rights = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.map((each) => [group === '' ? each : `${each}.${group}`, verbs] as const),
    ),
  );
  assert.equal(new Set(rights.map(([resource]) => resource)).size, rights.length);
  assert.deepEqual(Object.fromEntries(rights), TENANT_RIGHTS);
});
