// What every engine reports of a registry that can't be found or does not answer, on a clock that the test moves.
import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { describe, mock, test } from 'node:test';
import type { ImageRequest, ImageState } from '../contract.ts';
import type { DockerApi } from '../docker/daemon/api.ts';
import type { ImageStore as DockerImageStore } from '../docker/images/image-store.ts';
import { dockerImagesCreate } from '../docker/images/images.ts';
import type { PullDependencies } from '../docker/images/pull.ts';
import { hintHubCreate } from '../hints.ts';
import type { HintHub } from '../hints.ts';
import type { ImageStore as KubernetesImageStore } from '../kubernetes/images/image-store.ts';
import { imagesCreate } from '../kubernetes/images/images.ts';
import type { RegistryClientOptions } from './registry-client.ts';
import { remoteImageOpen } from './registry-client.ts';

const HOST = 'registry.example';
/** A try takes no longer. With the delays between tries, a failure settles within 30 s (settling.test.ts of the server). */
const CONNECT_MS = 8000;
const never = new AbortController().signal;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const now = () => new Date();

interface Images {
  ensure(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  close(): Promise<void>;
}

/** The image verbs of each engine, which all use the same registry client. */
const ENGINES: Readonly<Record<string, (registry: RegistryClientOptions, hub: HintHub) => Images>> =
  {
    docker(registry, hub) {
      const dependencies: Partial<PullDependencies> = {
        installationId: 'x',
        allowedRegistries: [HOST],
        storageReserveBytes: 0,
        storageFree: async () => null,
        credentialOf: async () => null,
        registries: async () => registry,
        imageRights: { find: async () => null } as unknown as PullDependencies['imageRights'],
      };
      return dockerImagesCreate(
        { installationId: 'x', log, now, closedIpv6: () => '' },
        {} as DockerApi,
        { find: async () => undefined } as unknown as DockerImageStore,
        dependencies as PullDependencies,
        hub,
        300_000,
      );
    },
    kubernetes(registry, hub) {
      const pulls = {
        store: { find: async () => undefined } as unknown as KubernetesImageStore,
        usedIds: async () => new Set<string>(),
        pullTimeoutMs: 300_000,
        async pull(_tenantId: number, ...[reference, signal]: Parameters<PullOf>) {
          await remoteImageOpen(reference, registry, signal);
          return assert.fail('the registry answers');
        },
      };
      return imagesCreate({ installationId: 'x', log, now }, pulls, hub);
    },
  };
type PullOf = (
  reference: Parameters<typeof remoteImageOpen>[0],
  signal: AbortSignal,
) => Promise<never>;

const REGISTRIES: readonly { what: string; lookup: LookupFunction; message: RegExp }[] = [
  {
    what: 'whose name is unknown',
    lookup: (_host, _options, callback) =>
      callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), '', 0),
    message: /could not be found/,
  },
  {
    what: 'of which the resolver says nothing',
    lookup: () => {},
    message: /could not be reached/,
  },
];

for (const [engine, imagesOpen] of Object.entries(ENGINES)) {
  describe(`on ${engine}, a pull from a registry`, () => {
    for (const { what, lookup, message } of REGISTRIES) {
      test(`${what} fails within ${CONNECT_MS / 1000} s, as unreachable`, async (t) => {
        mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
        t.after(() => mock.timers.reset());
        const hub = hintHubCreate();
        const asked = Promise.withResolvers<void>();
        const ended = Promise.withResolvers<void>();
        hub.listen(() => ended.resolve());
        const registry: RegistryClientOptions = {
          ...{ platform: { os: 'linux', architecture: 'amd64' }, hubEndpoints: [] },
          ...{ trusted: [HOST], isInsecure: () => false },
          lookup(...args) {
            asked.resolve();
            lookup(...args);
          },
        };
        const images = imagesOpen(registry, hub);
        const request = { ref: `${HOST}/app:1`, tenantId: 1, containerId: 7, since: new Date(0) };
        assert.equal((await images.ensure(request, never)).state, 'pulling');
        await asked.promise;
        mock.timers.tick(CONNECT_MS);
        await ended.promise;
        const state = await images.observe(request, never);
        assert.ok(state.state === 'failed', state.state);
        assert.deepEqual([state.reason, state.isUnreachable], ['image_pull_error', true]);
        assert.match(state.message, message);
        await images.close();
      });
    }
  });
}
