/** Tests of what a human changes with kubectl. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SuiteContext } from '../../suite/context.ts';
import { podProcessKill } from './pod-process.ts';
import { faultTools } from './fault-tools.ts';
import type { KubernetesSetup } from './suite.ts';

export function editsTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const { kubectl, isWell, repaired, endCheck, foreignMake } = faultTools(context, setup);

  test('what somebody changes of a container is found, and repaired', async () => {
    const { apply, spec, images, reach } = context();
    const unchanged = await foreignMake();
    const wanted = await spec(images.web, { env: { GREETING: 'good day' } });
    const { ipv6Address } = await apply(wanted);
    const name = `deployment/${wanted.name}-${wanted.id}`;
    const service = `service/${wanted.name}`;
    const container = '/spec/template/spec/containers/0';
    const json = (path: string, op: string, value?: unknown) =>
      JSON.stringify([{ op, path, ...(value !== undefined && { value }) }]);
    const edits = [
      ['set', 'env', name, 'MINE=yes'],
      ['scale', name, '--replicas=0'],
      ['scale', name, '--replicas=2'],
      ['patch', name, '-p', '{"spec": {"template": {"spec": {"hostname": "mine"}}}}'],
      ['patch', name, '--type=json', '-p', json(`${container}/envFrom`, 'remove')],
      ['rollout', 'restart', name],
      ['label', name, 'dollarbox.io/container-'],
      ['delete', name],
      ['patch', service, '--type=json', '-p', json('/spec/ports/0/port', 'replace', 81)],
      ['patch', service, '-p', '{"spec": {"loadBalancerSourceRanges": ["fd00::/64"]}}'],
    ];
    const answers = () =>
      context().waitFor('an answer', async () =>
        (await reach(wanted, '/').catch(() => '')).includes('good day'),
      );
    for (const edit of edits) {
      // A process that is asked to end before it listens may take all of Kubernetes' own grace.
      await answers();
      // A pod of a Deployment that somebody has deleted may have answered.
      await context().waitFor(`a repair before ${edit.join(' ')}`, () => isWell(wanted));
      await kubectl(...edit);
      assert.equal(await isWell(wanted), false, edit.join(' '));
      const again = await repaired(wanted);
      assert.equal(again.ipv6Address, ipv6Address, edit.join(' '));
    }
    await endCheck(wanted);
    await answers();
    await unchanged();
  });

  test('a note of some other tool on a container restarts nothing', async () => {
    const { apply, spec, images, observed } = context();
    const wanted = await spec(images.web);
    const before = await apply(wanted);
    const name = `deployment/${wanted.name}-${wanted.id}`;
    await kubectl('annotate', name, 'example.com/note=seen');
    await kubectl('label', name, 'example.com/team=ours');
    assert.equal(await isWell(wanted), true);
    await kubectl('set', 'env', name, 'MINE=yes');
    assert.equal(await isWell(wanted), false);
    const { ref } = await repaired(wanted);
    assert.notEqual(ref, before.ref);
    assert.equal((await observed(wanted.id)).ref, ref);
    await endCheck(wanted);
  });

  test('exits that are counted are no change of somebody else', async () => {
    const { apply, spec, images, engine, inState } = context();
    const wanted = await spec(images.web);
    await apply(wanted);
    for (const count of [1, 2]) {
      podProcessKill(await setup().podUid(wanted.id));
      await context().waitFor('the exit', async () => {
        const found = await engine.containers.observe(wanted.id);
        return found !== null && found.exits.count >= count;
      });
      await inState(wanted.id, 'running');
      assert.equal(await isWell(wanted), true);
    }
    await kubectl('scale', `deployment/${wanted.name}-${wanted.id}`, '--replicas=0');
    assert.equal(await isWell(wanted), false);
    await repaired(wanted);
    await endCheck(wanted);
  });

  test('a Secret that is removed comes back when the process needs it', async () => {
    const { apply, spec, images, engine, reach } = context();
    const wanted = await spec(images.web, { env: { GREETING: 'good day' } });
    await apply(wanted);
    await kubectl('delete', 'secret', `${wanted.name}-${wanted.id}`);
    assert.equal(await isWell(wanted), true);
    await kubectl('delete', 'pod', '-l', `dollarbox.io/container=${wanted.id}`, '--grace-period=1');
    await context().waitFor('the lack of it', async () => {
      const found = await engine.containers.observe(wanted.id);
      return found?.specHash === '';
    });
    await repaired(wanted);
    await context().waitFor('an answer', async () =>
      (await reach(wanted, '/').catch(() => '')).includes('good day'),
    );
    await endCheck(wanted);
  });

  test('a Service that is removed comes back, and leads to the container', async () => {
    const { addressed, apply, spec, images, read, waitFor } = { ...context() };
    const wanted = await spec(images.web);
    await apply(wanted);
    await kubectl('delete', 'service', wanted.name);
    assert.equal(await isWell(wanted), false);
    await repaired(wanted);
    const address = await addressed(wanted.id);
    await waitFor('an answer', () => read(address, 8080, '/').catch(() => null));
    await endCheck(wanted);
  });
}
