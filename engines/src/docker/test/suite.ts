/** The environment of the suite that all engines share: the machine's real Docker. */
import { imagePush, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { registryStart } from '@dollarbox/testbed/registry';
import { registryGateStart } from '@dollarbox/testbed/registry-gate';
import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { VolumeKey } from '../../contract.ts';
import type { SuiteSetup } from '../../suite/setup.ts';
import { containerDockerName, networkDockerName, volumeDockerName } from '../base/names.ts';
import { containerRender, containerNameRender } from '../containers/render.ts';
import {
  docker,
  httpGet,
  memoryImageStore,
  memoryRightStore,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  runWords,
} from './setup.ts';
import { volumesFolderCreate, volumesFolderRemove } from './volumes.ts';

/** @param place.hasFileSystems whether volumes get their own file systems, if possible. */
export async function dockerSuiteSetup({
  hasFileSystems,
}: {
  hasFileSystems: boolean;
}): Promise<SuiteSetup> {
  const volumesDir = hasFileSystems ? await volumesFolderCreate() : null;
  const registry = await registryStart();
  const gate = await registryGateStart(registry.host);
  const images = await imagesPush(registry.host);
  gate.fail('denied', 403, '{"errors": [{"code": "DENIED", "message": "a word of the registry"}]}');
  gate.fail('broken', 500);
  const [installationId, strangersId] = [installationIdCreate(), installationIdCreate()];
  const options = {
    allowedRegistries: [registry.host, gate.host],
    pulledImages: memoryImageStore(),
    imageRights: memoryRightStore(),
    installationId,
    ...(volumesDir !== null && { volumesDir }),
  };
  async function started(engineOptions: Parameters<typeof testEngineCreate>[0]) {
    const engine = testEngineCreate(engineOptions);
    await engine.host?.start();
    return engine;
  }
  const tenants = [testTenantCreate(1), testTenantCreate(2)] as const;
  const container = (id: number) => docker.getContainer(containerDockerName(installationId, id));
  const inside = (id: number, script: string, ...words: string[]) =>
    runWords(containerDockerName(installationId, id), ['sh', '-c', script, ...words]);

  async function volumeVanish(key: VolumeKey): Promise<boolean> {
    const name = volumeDockerName(installationId, key);
    const folder = volumesDir === null ? null : join(volumesDir, name);
    if (folder !== null && (await stat(folder).catch(() => null)) !== null) {
      await promisify(execFile)('umount', [join(folder, 'mount')]);
      await rm(folder, { recursive: true });
      return true;
    }
    return docker
      .getVolume(name)
      .remove()
      .then(
        () => true,
        () => false,
      );
  }

  async function volumeForeign(key: VolumeKey) {
    const volume = await docker.createVolume({ Name: volumeDockerName(installationId, key) });
    return { remove: () => volume.remove() };
  }

  let slowImages = 0;
  let versions = 0;
  return {
    engine: await started(options),
    images: {
      ...images,
      webDigest: await imagePush('web', `${registry.host}/pinned:1`),
      webLatest: images.web.replace(/:1$/, ':latest'),
      missing: `${registry.host}/missing:1`,
      denied: `${gate.host}/denied:1`,
      broken: `${gate.host}/broken:1`,
    },
    tamper: {
      volumeVanish,
      volumeForeign,
      kill: async (id) => void (await container(id).kill()),
      pause: async (id) => void (await container(id).pause()),
      remove: async (id) => void (await container(id).remove({ force: true, v: true })),
      disconnect: async (id) => {
        const network = docker.getNetwork(networkDockerName(installationId, tenants[0].id));
        await network.disconnect({ Container: containerDockerName(installationId, id) });
      },
      async makeOld(spec) {
        const name = containerNameRender(installationId, spec);
        const made = await docker.createContainer({
          name,
          ...containerRender(installationId, spec),
        });
        await made.start();
      },
      async makeHalf(spec) {
        const name = containerNameRender(installationId, spec);
        await docker.createContainer({ name, ...containerRender(installationId, spec) });
      },
    },
    tenants,
    addressIn: ({ id: tenantId }, id) => {
      const tenant = tenants.find((each) => each.id === tenantId) ?? tenants[0];
      return tenant.ipv6Subnet.replace(/::\/64$/, `::${(0x100 + id).toString(16)}`);
    },
    worker: () => started(options),
    stranger: () =>
      started({
        ...options,
        installationId: strangersId,
        pulledImages: memoryImageStore(),
        imageRights: memoryRightStore(),
      }),
    read: httpGet,
    volumeWrite: async (id, mountPath, text) =>
      void (await inside(id, 'printf %s "$1" >> "$0/text"', mountPath, text)),
    volumeRead: (id, mountPath) => inside(id, 'cat "$0/text"', mountPath),
    linesWrite: async (id, lines) =>
      void (await inside(id, 'printf "%s\\n" "$0" "$@" > /proc/1/fd/1', ...lines)),
    async republish(ref) {
      await imagePush('web', ref, { version: String((versions += 1)) });
    },
    slowImage() {
      const repository = `slow-${(slowImages += 1)}`;
      return { ref: `${gate.host}/${repository}:1`, release: gate.hold(repository, 'web') };
    },
    now: () => new Date(),
    tick: () => delay(20),
    async close() {
      await testInstallationRemove(installationId);
      await testInstallationRemove(strangersId);
      if (volumesDir !== null) await volumesFolderRemove(volumesDir);
      await imagesUntag(docker, registry.host);
      await imagesUntag(docker, gate.host);
      await gate.close();
      await registry.close();
    },
  };
}
