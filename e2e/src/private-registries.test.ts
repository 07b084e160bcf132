/** Private images from real registries that require a password or a token, and redirect layers to another host. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Container,
  type DollarboxClient,
  containerWait,
  dollarboxClientCreate,
  unwrap,
} from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { imagePush, imagesUntag } from '@dollarbox/testbed/images';
import { registryStart } from '@dollarbox/testbed/registry';
import { docker } from './docker-host.ts';
import { type RegistryFront, registryFrontStart } from './registry-front.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { tokenAuth, tokenSignerCreate } from './token-server.ts';
import { until } from './wait.ts';

const USERNAME = 'ada';
const SECRET = canaryOf('secret of ada');
/** bcrypt of the secret. */
const HTPASSWD = `${USERNAME}:$2b$04$m2XVPtY0i9Sq7PTTj6wEfOa69Poe8pZZG5dn6iyzTyIvbtNnxPAHW\n`;
const BASIC = `Basic ${Buffer.from(`${USERNAME}:${SECRET}`).toString('base64')}`;

const skip = await dockerSkip();

describe('private registries', { skip }, () => {
  const closers: (() => Promise<unknown>)[] = [];
  let server: ServerProcess;
  let client: DollarboxClient;
  let other: DollarboxClient;
  let withPassword: RegistryFront;
  let withTokens: RegistryFront;
  const storages: RegistryFront[] = [];
  let serial = 0;

  /** A host that serves the layers of a registry to everybody, as a cloud's storage does by signed addresses. */
  async function storageStart(target: () => string, authorization: string): Promise<RegistryFront> {
    const storage = await registryFrontStart({ target, authorization });
    closers.push(() => storage.close());
    storages.push(storage);
    return storage;
  }

  /** Redirects requests for blobs that the registry would answer. */
  function redirectTo(storage: RegistryFront, scheme: string) {
    return (path: string, authorization: string | undefined) =>
      path.includes('/blobs/sha256:') && authorization?.startsWith(scheme) === true
        ? `http://${storage.host}${path}`
        : null;
  }

  async function passwordRegistryStart(folder: string): Promise<RegistryFront> {
    const path = join(folder, 'htpasswd');
    await writeFile(path, HTPASSWD);
    const registry = await registryStart({ auth: { htpasswd: { realm: 'x', path } } });
    closers.push(() => registry.close());
    await imagePush('web', `${registry.host}/team/web:1`, {}, BASIC);
    closers.push(() => imagesUntag(docker, registry.host));
    const target = () => registry.host;
    const redirect = redirectTo(await storageStart(target, BASIC), 'Basic');
    const front = await registryFrontStart({
      target,
      rule(path, reply, { authorization }) {
        const location = redirect(path, authorization);
        if (location !== null) reply.writeHead(307, { Location: location }).end();
        return location !== null;
      },
    });
    closers.push(() => front.close());
    return front;
  }

  async function tokenRegistryStart(folder: string): Promise<RegistryFront> {
    const signer = await tokenSignerCreate(folder);
    let target = '';
    const storage = await storageStart(() => target, `Bearer ${signer.tokenFor('team/web')}`);
    const redirect = redirectTo(storage, 'Bearer');
    const front = await registryFrontStart({
      target: () => target,
      rule(path, reply, { authorization }) {
        if (path.startsWith('/token')) {
          const isKnown = authorization === BASIC;
          const token = signer.tokenFor('team/web');
          const body = isKnown ? { token } : { errors: [] };
          reply.writeHead(isKnown ? 200 : 401, { 'Content-Type': 'application/json' });
          reply.end(JSON.stringify(body));
          return true;
        }
        const location = redirect(path, authorization);
        if (location !== null) reply.writeHead(307, { Location: location }).end();
        return location !== null;
      },
    });
    closers.push(() => front.close());
    const auth = tokenAuth(`http://${front.host}/token`, signer);
    const registry = await registryStart({ auth });
    closers.push(() => registry.close());
    target = registry.host;
    const push = `Bearer ${signer.tokenFor('team/web', ['pull', 'push'])}`;
    await imagePush('web', `${registry.host}/team/web:1`, {}, push);
    closers.push(() => imagesUntag(docker, registry.host));
    return front;
  }

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dollarbox-registries-'));
    closers.push(() => rm(folder, { recursive: true }));
    withPassword = await passwordRegistryStart(folder);
    withTokens = await tokenRegistryStart(folder);
    const hosts = [withPassword, withTokens, ...storages].map(({ host }) => host);
    server = await serverStart({ ALLOWED_REGISTRIES: hosts.join(' '), ISOLATION: 'weak' });
    closers.push(() => server.remove());
    client = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
    await server.admin('org-limits', '--org', 'main', '--containers', '20');
    const email = 'grace@example.com';
    await server.admin(
      'user-create',
      '--email',
      email,
      '--password',
      canaryOf('correct horse battery'),
    );
    await server.admin('org-create', '--slug', 'other', '--name', 'Other', '--owner', email);
    const token = await server.admin(
      ...['token-create', '--user', email, '--name', 'x', '--scope', 'write', '--org', 'other'],
    );
    other = dollarboxClientCreate({
      baseUrl: server.url,
      token: String(token['token']),
      retries: 0,
    });
  });
  after(async () => {
    for (const close of closers.toReversed()) await close();
  });

  async function create(image: string, by = client): Promise<Container> {
    const body = { name: `p${(serial += 1)}`, image };
    const { id } = await unwrap(by.POST('/containers/', { body }));
    return containerWait(by, id, { pollMs: 50 });
  }

  const credentialAdd = (host: string, secret = SECRET) =>
    unwrap(client.POST('/registries/', { body: { host, username: USERNAME, secret } }));
  const credentialDelete = (id: number) =>
    unwrap(client.DELETE('/registries/{id}/', { params: { path: { id } } }));

  for (const [name, frontOf] of [
    ['a password', () => withPassword],
    ['a token', () => withTokens],
  ] as const) {
    it(`an image behind ${name} runs once its org has the credential, and no other org gets it`, async () => {
      const front = frontOf();
      const image = `${front.host}/team/web:1`;
      const denied = await create(image);
      assert.equal(denied.status, 'failed');
      assert.equal(denied.status_reason, 'image_pull_denied', denied.status_message ?? '');

      const wrong = await credentialAdd(front.host, 'a wrong secret');
      await credentialDelete(wrong.id);
      // The container is tried again at once, long before its own delay of minutes has passed.
      const credential = await credentialAdd(front.host);
      await containerRunning(denied.id);
      const fresh = await create(image);
      assert.equal(fresh.status, 'running', fresh.status_message ?? '');

      const foreign = await create(image, other);
      assert.equal(foreign.status_reason, 'image_pull_denied', foreign.status_message ?? '');

      await credentialDelete(credential.id);
      const late = await create(image);
      assert.equal(late.status_reason, 'image_pull_denied', late.status_message ?? '');
      const params = { path: { id: fresh.id } };
      const still = await unwrap(client.GET('/containers/{id}/', { params }));
      assert.equal(still.status, 'running');
    });
  }

  async function containerRunning(id: number): Promise<void> {
    const params = { path: { id } };
    await until('it runs', async () => {
      const { status } = await unwrap(client.GET('/containers/{id}/', { params }));
      return status === 'running';
    });
  }

  it('no secret and no token has reached the hosts that layers are redirected to', () => {
    for (const storage of storages) {
      assert.ok(storage.seen.length > 0, 'nothing was redirected');
      assert.ok(storage.seen.every(({ authorization }) => authorization === undefined));
    }
    assert.ok(withPassword.seen.some(({ authorization }) => authorization === BASIC));
    const sent = withTokens.seen.filter(({ authorization }) => authorization === BASIC);
    assert.ok(sent.length > 0);
    assert.ok(
      sent.every(({ path }) => path.startsWith('/token')),
      'the secret went elsewhere than to the token server',
    );
    assert.ok(!server.output().includes(SECRET));
  });
});
