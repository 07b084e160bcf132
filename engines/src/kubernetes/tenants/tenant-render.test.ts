import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkPolicyRender } from './network-render.ts';
import { connectRead } from './probe-script.ts';
import { isolationReport } from './probe-report.ts';
import { countRender, cpuRender, gibRender } from '../base/quantities.ts';
import { isRendered } from './rendered.ts';

test('amounts are written as the API server writes them', () => {
  assert.deepEqual([0, 5, 1000, 1500, 20_000, 1_000_000].map(countRender), [
    ...['0', '5', '1k', '1500', '20k', '1M'],
  ]);
  assert.deepEqual([0, 1, 1024, 1536, 2048].map(gibRender), ['0', '1Gi', '1Ti', '1536Gi', '2Ti']);
  assert.deepEqual([0, 100, 1000, 2500].map(cpuRender), ['0', '100m', '1', '2500m']);
});

test('what the API server adds is no difference, and what somebody adds to a list is one', () => {
  const wanted = { spec: { rules: [{ port: 1 }], name: 'a' } };
  assert.equal(
    isRendered(wanted, { spec: { rules: [{ port: 1, by: 'x' }], name: 'a', n: 1 } }),
    true,
  );
  assert.equal(isRendered(wanted, { spec: { rules: [{ port: 1 }, {}], name: 'a' } }), false);
  assert.equal(isRendered(wanted, { spec: { rules: [{ port: 2 }], name: 'a' } }), false);
  assert.equal(isRendered(wanted, undefined), false);
});

test("the cluster's own public networks are closed, by family", () => {
  const policy = JSON.stringify(networkPolicyRender('i', 'n', ['203.0.113.0/24', '2001:db8::/48']));
  assert.match(policy, /"cidr":"0.0.0.0\/0","except":\[[^\]]*"203.0.113.0\/24"\]/);
  assert.match(policy, /"cidr":"::\/0","except":\[[^\]]*"2001:db8::\/48"\]/);
});

test('a prober that did not get to its end has found nothing', () => {
  assert.deepEqual(connectRead('reached 0\nreached 12\nend\n'), new Set([0, 12]));
  assert.equal(connectRead('reached 0\n'), null);
});

test('what was reached or accepted is weak; silence alone is unknown', () => {
  const nothing = { reached: [], silent: [], accepted: [] };
  assert.equal(isolationReport(nothing).state, 'isolated');
  assert.equal(isolationReport({ ...nothing, silent: ['a'] }).state, 'unknown');
  assert.equal(isolationReport({ ...nothing, silent: ['a'], reached: ['b'] }).state, 'weak');
  const { state, remedies } = isolationReport({ ...nothing, accepted: ['a'] });
  assert.equal(state, 'weak');
  assert.match(remedies.join(), /policies\.yaml/);
});
