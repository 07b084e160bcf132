/** Changes that people and other tools make to our containers in Docker. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerEngine } from '../engine.ts';
import { containerDockerName, networkDockerName } from '../base/names.ts';
import {
  docker,
  httpGet,
  installationIdCreate,
  specOf,
  testEngineCreate,
  testInstallationRemove,
  testTenantCreate,
  waitFor,
} from '../test/setup.ts';

describe('changes by others to our containers', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  const nameOf = (id: number) => containerDockerName(installationId, id);
  const foreigners: Docker.Container[] = [];
  let engine: DockerEngine;
  let images: TestImages;

  before(async () => {
    images = await imagesBuild(docker);
    engine = testEngineCreate({ installationId });
    await engine.host.start();
    await engine.tenants.ensure(tenant);
  });
  afterEach(async () => {
    for (const each of foreigners.splice(0)) await each.remove({ force: true });
    for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
  });

  const answers = (spec: ContainerSpec) =>
    waitFor('an answer', () => httpGet(spec.ipv6Address ?? '', 8080, '/').catch(() => null));

  const reasonOf = (reason: string) => (error: unknown) =>
    error instanceof EngineError && error.reason === reason;

  /** Creates a container as a copying tool does: with the same name, labels and network, but another image. */
  async function copyCreate(id: number, name: string, image: string): Promise<Docker.Container> {
    const { Config, HostConfig, NetworkSettings } = await docker
      .getContainer((await engine.containers.observe(id))?.ref ?? '')
      .inspect();
    const network = networkDockerName(installationId, tenant.id);
    const aliases = NetworkSettings.Networks[network]?.Aliases ?? [];
    const old = await engine.containers.observe(id);
    await docker.getContainer(old?.ref ?? '').remove({ force: true });
    const made = await docker.createContainer({
      name,
      Image: image,
      Labels: Config.Labels,
      HostConfig: { NetworkMode: HostConfig.NetworkMode ?? '' },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: aliases } } },
    });
    await made.start();
    return made;
  }

  test('a renamed container is still ours: seen, started again, and removed', async () => {
    const spec = await specOf(images.web, tenant, 1);
    const made = await engine.containers.apply(spec);
    await docker.getContainer(made.ref).rename({ name: `renamed-${installationId}` });
    assert.equal((await engine.containers.observe(1))?.ref, made.ref);
    await docker.getContainer(made.ref).kill();
    const again = await engine.containers.apply(spec);
    assert.deepEqual([again.ref, again.state], [made.ref, 'running']);
    await answers(spec);
    const changed = { ...spec, env: { A: 'b' } };
    await assert.rejects(engine.containers.apply(changed), reasonOf('differs'));
    await engine.containers.end(made.ref, 0);
    const next = await engine.containers.apply(changed);
    assert.notEqual(next.ref, made.ref);
    await answers(changed);
  });

  test('a container whose name was given to another gets it back', async () => {
    const first = await engine.containers.apply(await specOf(images.web, tenant, 2));
    await docker.getContainer(first.ref).rename({ name: nameOf(3) });
    const second = await engine.containers.apply(await specOf(images.web, tenant, 3));
    assert.equal((await docker.getContainer(second.ref).inspect()).Name, `/${nameOf(3)}`);
    assert.equal((await docker.getContainer(first.ref).inspect()).Name, `/${nameOf(2)}`);
    assert.equal((await engine.containers.observe(2))?.ref, first.ref);
    assert.equal((await engine.containers.observe(3))?.ref, second.ref);
  });

  test('a container that another tool recreated from another image does not count as the requested one', async () => {
    const spec = await specOf(images.web, tenant, 4);
    await engine.containers.apply(spec);
    const copy = await copyCreate(4, nameOf(4), images.shell);
    const seen = (await engine.containers.observe(4)) ?? assert.fail();
    assert.equal(seen.ref, copy.id);
    assert.equal(seen.imageId, (await docker.getImage(images.shell).inspect()).Id);
    assert.notEqual(seen.imageId, spec.imageId);
    await assert.rejects(engine.containers.apply(spec), reasonOf('differs'));
    await engine.containers.end(seen.ref, 0);
    assert.equal((await engine.containers.apply(spec)).imageId, spec.imageId);
    await answers(spec);
  });

  test('a second container with our labels is listed beside ours, and can be removed alone', async () => {
    const spec = await specOf(images.web, tenant, 14);
    const { ref } = await engine.containers.apply(spec);
    const { Labels } = (await docker.getContainer(ref).inspect()).Config;
    const HostConfig = { NetworkMode: 'none' };
    const copy = await docker.createContainer({ Image: images.shell, Labels, HostConfig });
    await copy.start();
    const listed = (await engine.containers.list()).filter(({ id }) => id === 14);
    assert.deepEqual(listed.map((each) => each.ref).toSorted(), [ref, copy.id].toSorted());
    assert.equal((await engine.containers.observe(14))?.ref, ref);
    await engine.containers.end(copy.id, 0);
    assert.deepEqual(
      (await engine.containers.list()).filter(({ id }) => id === 14).map((each) => each.ref),
      [ref],
    );
    await answers(spec);
  });

  test('while another container has the address, nothing is started and no address of the network is lost', async () => {
    const spec = await specOf(images.web, tenant, 5);
    const network = docker.getNetwork(networkDockerName(installationId, tenant.id));
    const thief = await docker.createContainer({
      Image: images.shell,
      HostConfig: { NetworkMode: 'none' },
    });
    foreigners.push(thief);
    await thief.start();
    await network.disconnect({ Container: thief.id, Force: true }).catch(() => undefined);
    await docker.getNetwork('none').disconnect({ Container: thief.id });
    await network.connect({
      Container: thief.id,
      EndpointConfig: { IPAMConfig: { IPv6Address: spec.ipv6Address } },
    });
    // More often than the network has IPv4 addresses.
    for (let count = 0; count < 66; count += 1) {
      await assert.rejects(engine.containers.apply(spec), reasonOf('address_in_use'));
    }
    const neighbour = await specOf(images.web, tenant, 6);
    assert.equal((await engine.containers.apply(neighbour)).state, 'running');
    await thief.remove({ force: true });
    foreigners.splice(0);
    assert.equal((await engine.containers.apply(spec)).state, 'running');
    await answers(spec);
  });

  test('a network whose addresses Docker has lost is recreated', async () => {
    const stays = await specOf(images.web, tenant, 7);
    await engine.containers.apply(stays);
    const network = networkDockerName(installationId, tenant.id);
    const lost = await docker.createContainer({
      Image: images.shell,
      HostConfig: { NetworkMode: network },
      NetworkingConfig: {
        EndpointsConfig: { [network]: { IPAMConfig: { IPv6Address: stays.ipv6Address } } },
      },
    });
    foreigners.push(lost);
    // Docker 20.10 loses an address at each such start. A version without this bug never runs out.
    for (let count = 0; count < 66; count += 1) await lost.start().catch(() => undefined);
    await lost.remove({ force: true });
    foreigners.splice(0);
    const next = await specOf(images.web, tenant, 8);
    assert.equal((await engine.containers.apply(next)).state, 'running');
    await answers(next);
    assert.equal((await engine.containers.apply(stays)).connected, true);
    await answers(stays);
  });
});
