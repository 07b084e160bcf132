import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type Container,
  type DollarboxClient,
  type LogRow,
  containerWait,
  logsFollow,
  unwrap,
} from '@dollarbox/client';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { type ClusterScene, addressRead, clusterSceneOpen, kubectlOf } from './cluster-scene.ts';
import { CREDENTIAL_POINTS } from './crash-points.ts';
import { until } from './wait.ts';

describe('a server on Kubernetes', { skip: clusterSkip() }, () => {
  let scene: ClusterScene;
  let client: DollarboxClient;
  before(async () => {
    scene = await clusterSceneOpen();
    ({ client } = scene);
  });
  after(() => scene?.close());

  const settled = (id: number, by = client) => containerWait(by, id, { pollMs: 50 });
  const pathOf = (id: number) => ({ params: { path: { id } } });
  const remove = (id: number, by = client) => unwrap(by.DELETE('/containers/{id}/', pathOf(id)));
  const patch = (id: number, body: object) =>
    unwrap(client.PATCH('/containers/{id}/', { ...pathOf(id), body }));

  async function running(
    body: Partial<Container> & { name: string; image: string },
    by = client,
  ): Promise<Container> {
    const { id } = await unwrap(by.POST('/containers/', { body }));
    const container = await settled(id, by);
    assert.equal(container.status, 'running', container.status_message ?? '');
    return until('an address', async () => {
      const found = await unwrap(by.GET('/containers/{id}/', pathOf(id)));
      return found.ipv6_address !== null && found;
    });
  }

  interface FoundPod {
    metadata: { name: string; namespace: string };
    status: { podIP?: string };
  }
  async function podsOf(id: number): Promise<FoundPod[]> {
    const selector = ['-l', `dollarbox.io/container=${id}`, '-o', 'json'];
    const found = await scene.cluster.kubectl('get', 'pods', '-A', ...selector);
    return (JSON.parse(found) as { items: FoundPod[] }).items;
  }

  /** Waits for a line. @returns the whole log, each row with the number of its instance. */
  async function linesUntil(id: number, last: string): Promise<string[]> {
    return until(`the line "${last}"`, async () => {
      const page = await unwrap(client.GET('/containers/{id}/logs/', pathOf(id)));
      const found = (page as { results: LogRow[] }).results.map(({ type, instance, text }) => {
        return `${instance} ${type === 'line' ? text : type}`;
      });
      return found.includes(last) && found;
    });
  }

  it('runs an nginx that starts as root, answering on its own IPv6 address', async () => {
    const { id, ipv6_address: address } = await running({
      name: 'nginx',
      image: scene.images.nginx,
    });
    assert.match(await until('an answer', () => addressRead(address, 80)), /Welcome to nginx!/);
    await remove(id);
  });

  it('keeps the address, the volume and the former version, and runs on without DollarBox', async () => {
    const { images, server, cluster, missing } = scene;
    const volume = await unwrap(client.POST('/volumes/', { body: { name: 'data', size_gb: 1 } }));
    const serve = 'httpd -f -p 8080 -h /data & wait $!';
    const command = [
      ...['/bin/sh', '-c'],
      `trap 'echo "end $LINE"; exit 0' TERM; echo "begin $LINE"; echo "$LINE" >> /data/log; ${serve}`,
    ];
    const volumes = [{ volume: volume.id, mount_path: '/data' }];
    const made = await running({
      ...{ name: 'writer', image: images.web, env: { LINE: 'one' }, command, volumes },
    });
    const { id, ipv6_address: address } = made;
    const written = (text: string) =>
      until(`the text ${JSON.stringify(text)}`, async () => {
        return (await addressRead(address, 8080, '/log')) === text;
      });
    await written('one\n');

    await patch(id, { env: { LINE: 'two' } });
    const changed = await settled(id);
    assert.deepEqual([changed.observed_generation, changed.ipv6_address], [2, address]);
    await written('one\ntwo\n');

    await patch(id, { image: missing });
    const refused = await settled(id);
    assert.deepEqual([refused.status, refused.status_reason], ['running', 'image_not_found']);
    await written('one\ntwo\n');
    await patch(id, { image: images.web, env: { LINE: 'three' } });
    assert.equal((await settled(id)).status, 'running');
    await written('one\ntwo\nthree\n');

    await unwrap(client.POST('/containers/{id}/stop/', pathOf(id)));
    const stopped = await settled(id);
    assert.deepEqual([stopped.status, stopped.ipv6_address], ['stopped', address]);
    assert.deepEqual(await podsOf(id), []);
    await unwrap(client.POST('/containers/{id}/start/', pathOf(id)));
    assert.equal((await settled(id)).status, 'running');
    await written('one\ntwo\nthree\nthree\n');

    const rows = await linesUntil(id, '4 begin three');
    const said = ['begin one', 'end one', 'begin two', 'end two', 'begin three', 'end three'];
    const kept = said.map((text, index) => {
      const number = Math.floor(index / 2) + 1;
      // A node may have removed a pod before anybody has read what its process wrote when it was asked to end.
      const isLost = text.startsWith('end') && rows[index] === `${number} gap`;
      return `${number} ${isLost ? 'gap' : text}`;
    });
    assert.deepEqual(rows, [...kept, '4 begin three']);

    await server.stop('SIGKILL');
    const [pod] = await podsOf(id);
    const { name = '', namespace = '' } = pod?.metadata ?? {};
    await cluster.kubectl('-n', namespace, 'delete', 'pod', name, '--grace-period=1');
    await written('one\ntwo\nthree\nthree\nthree\n');
    await server.restart();
    const back = await settled(id);
    assert.deepEqual([back.status, back.ipv6_address], ['running', address]);
    // The lines of the fourth went with its pod: one gap with that of the third, if there is one.
    const lost = kept.at(-1) === '3 gap' ? [...kept.slice(0, -1), 'null gap'] : [...kept, '4 gap'];
    assert.deepEqual(await linesUntil(id, '5 begin three'), [...lost, '5 begin three']);

    await remove(id);
    await until('no pod', async () => (await podsOf(id)).length === 0);
    await unwrap(client.DELETE('/volumes/{id}/', pathOf(volume.id)));
    await until('no claim', async () => {
      return !(await cluster.kubectl('-n', namespace, 'get', 'pvc', '-o', 'name')).includes('/');
    });
  });

  it('keeps the lines of each run of a crash loop, and a follower gets each once', async () => {
    const volume = await unwrap(client.POST('/volumes/', { body: { name: 'runs', size_gb: 1 } }));
    // A pod names starts in whole seconds: two runs that begin in the same second are one.
    const script = 'echo >> /data/runs; echo "run $(wc -l < /data/runs)"; sleep 1; exit 3';
    const { id } = await unwrap(
      client.POST('/containers/', {
        body: {
          ...{ name: 'loop', image: scene.images.web, command: ['/bin/sh', '-c', script] },
          volumes: [{ volume: volume.id, mount_path: '/data' }],
        },
      }),
    );
    const followed: string[] = [];
    for await (const { type, text } of logsFollow(client, id)) {
      followed.push(type === 'line' ? (text ?? '') : type);
      if (followed.at(-1) === 'run 4') break;
    }
    // A node keeps the lines of the last two runs.
    const runs = ['run 1', 'run 2', 'run 3', 'run 4'];
    assert.deepEqual(followed, runs);
    const numbered = runs.map((run, index) => `${index + 1} ${run}`);
    assert.deepEqual(await linesUntil(id, '4 run 4'), numbered);
    await remove(id);
    await until('no pod', async () => (await podsOf(id)).length === 0);
    await unwrap(client.DELETE('/volumes/{id}/', pathOf(volume.id)));
  });

  it('issues kubeconfigs that work until they are revoked, or their member is removed', async () => {
    const { cluster, personAdd, images, server } = scene;
    const slug = 'main';
    const params = { path: { slug } };
    const body = { kubectl_enabled: true };
    await unwrap(client.PATCH('/orgs/{slug}/', { params, body }));
    const accounts = async () => {
      const found = await cluster.kubectl('-n', 'dollarbox-credentials', 'get', 'sa', '-o', 'name');
      return found.split('\n').filter((line) => line.includes('kubectl-')).length;
    };
    for (const point of CREDENTIAL_POINTS) {
      await server.restart({ FAILPOINTS: `${point}=kill` });
      await assert.rejects(client.POST('/kubectl-credentials/', {}));
      assert.equal(await server.ended(), null);
    }
    assert.equal(await accounts(), 1);
    await server.restart();
    const issue = async (by: DollarboxClient, name: string) => {
      const made = await unwrap(by.POST('/kubectl-credentials/', {}));
      return { id: made.id, kubectl: await kubectlOf(cluster, name, made.kubeconfig) };
    };
    const member = await personAdd(slug, 'member');
    const [own, theirs] = [await issue(client, 'own'), await issue(member.client, 'theirs')];
    for (const { kubectl } of [own, theirs]) {
      // Its rights are known to the API server a moment later.
      await until('an answer', () => kubectl('get', 'deploy'));
    }
    await assert.rejects(
      own.kubectl('create', 'service', 'nodeport', 'mine', '--tcp=80'),
      /Services may be of type ClusterIP or LoadBalancer, not NodePort/,
    );
    const overrides = JSON.stringify({
      spec: {
        ...{ hostUsers: false, terminationGracePeriodSeconds: 0 },
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            ...{ name: 'mine', image: images.web, imagePullPolicy: 'Always' },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
    await own.kubectl('run', 'mine', `--image=${images.web}`, `--overrides=${overrides}`);
    const { results } = await unwrap(client.GET('/orgs/{slug}/workloads/', { params }));
    assert.deepEqual(
      results.map(({ kind, name, uses }) => [kind, name, uses.containers, uses.memory_bytes]),
      [['Pod', 'mine', 1, 2 ** 30]],
    );
    await own.kubectl('delete', 'pod', 'mine', '--wait=false');

    const ended = ({ kubectl }: typeof own) =>
      until('its end', async () => {
        const said = await kubectl('get', 'pods').then(
          () => 'allowed',
          (error: unknown) => String(error),
        );
        return /must be logged in|Unauthorized/.test(said);
      });
    const members = await unwrap(client.GET('/members/', {}));
    const membership = members.results.find(({ email }) => email === member.email);
    await unwrap(client.DELETE('/members/{id}/', pathOf(membership?.id ?? 0)));
    await ended(theirs);
    await own.kubectl('get', 'pods');
    await unwrap(client.DELETE('/kubectl-credentials/{id}/', pathOf(own.id)));
    await ended(own);
    // What the killed processes began is revoked, too.
    await until('no account', async () => (await accounts()) === 0);
    assert.deepEqual((await unwrap(client.GET('/kubectl-credentials/', {}))).results, []);
  });

  it('keeps a second org from seeing and from reaching the first', async () => {
    const { personAdd, images } = scene;
    const target = await running({ name: 'target', image: images.web });
    const stranger = await personAdd('other', 'owner');
    const { response } = await stranger.client.GET('/containers/{id}/', pathOf(target.id));
    assert.equal(response.status, 404);

    const [pod] = await podsOf(target.id);
    const hosts = [`target.${pod?.metadata.namespace}`, `[${pod?.status.podIP}]`];
    const outside = `[${target.ipv6_address}]`;
    /** What a container of an org finds out about each host. */
    async function answers(by: DollarboxClient, ...tried: string[]): Promise<string[]> {
      const tries = tried.map((host) => `try http://${host}:8080/`).join('; ');
      const ask = 'timeout 5 wget -q -O - "$1" > /dev/null 2>&1 && echo reached || echo silent';
      const serve = 'exec httpd -f -p 8080 -h /www';
      const script = `try() { ${ask}; }; found=$(${tries}); echo "$found" > /www/index.html; ${serve}`;
      const command = ['/bin/sh', '-c', script];
      const asker = await running({ name: 'asker', image: images.web, command }, by);
      const found = await until('what it found', () => addressRead(asker.ipv6_address, 8080));
      await remove(asker.id, by);
      return found.trim().split('\n');
    }
    const [silent, reached] = ['silent', 'reached'];
    const strange = await answers(stranger.client, ...hosts, outside);
    assert.deepEqual(strange, [silent, silent, silent]);
    // Within its org it answers, perhaps later than a slow machine lets it.
    await until('its own org', async () => {
      return (await answers(client, ...hosts)).every((each) => each === reached);
    });
    await addressRead(target.ipv6_address, 8080);
    await remove(target.id);
  });
});
