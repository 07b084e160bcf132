import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  assertContainer,
  assertError,
  assertFaults,
  httpSend,
} from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
let api: Client;
let id: number;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  api = caller.api;
  id = assertContainer(await api.post('/containers/', { name: 'kept', image: 'x' }), 201).id;
});
after(async () => {
  // None of this was accepted, and nothing was lost.
  const { results } = (await api.get('/containers/')).body;
  assert.deepEqual(
    results?.map(({ name, generation }) => [name, generation]),
    [['kept', 1]],
  );
  assert.ok(!harness.logText().includes('"level":50'), 'an error of ours was logged');
  await harness.close();
});

const GOOD = { name: 'web', image: 'nginx:1.27' };
const deep = (open: string, close: string, count: number): string =>
  open.repeat(count) + close.repeat(count);

describe('an invalid field', () => {
  const WRONG: readonly (readonly [string, unknown, string])[] = [
    ['a name of 51 characters', { name: 'x'.repeat(51) }, 'name'],
    ['a name in upper case', { name: 'Web' }, 'name'],
    ['a name with a leading digit', { name: '1web' }, 'name'],
    ['a name with a leading dash', { name: '-web' }, 'name'],
    ['a name with a trailing dash', { name: 'web-' }, 'name'],
    ['a name with a dot', { name: 'a.b' }, 'name'],
    ['a name with a newline at the end', { name: 'web\n' }, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a name that is a number', { name: 5 }, 'name'],
    ['no name', { name: undefined }, 'name'],
    ['a name of null', { name: null }, 'name'],
    ['a name of 1 MB', { name: 'x'.repeat(1_000_000) }, 'name'],
    ['an empty image', { image: '' }, 'image'],
    ['no image', { image: undefined }, 'image'],
    ['an image with a space', { image: 'nginx 1.27' }, 'image'],
    ['an image with shell characters', { image: 'nginx;reboot' }, 'image'],
    ['an image with a command in it', { image: '$(id)' }, 'image'],
    ['an image of 501 characters', { image: 'a'.repeat(501) }, 'image'],
    ['an image of 1 MB', { image: 'a/'.repeat(500_000) }, 'image'],
    ['an image that is a list', { image: ['nginx'] }, 'image'],
    ['an image on a local registry', { image: '127.0.0.1:5000/a' }, 'image'],
    ['an image with NUL', { image: 'ng\0inx' }, 'image'],
    ['env with = in a name', { env: { 'A=B': 'x' } }, 'env.A=B'],
    ['env with NUL in a name', { env: { 'A\0': 'x' } }, 'env.A\0'],
    ['env with an empty name', { env: { '': 'x' } }, 'env.'],
    ['env with a leading digit in a name', { env: { '1A': 'x' } }, 'env.1A'],
    ['env with a dash in a name', { env: { 'A-B': 'x' } }, 'env.A-B'],
    ['env with a number for a value', { env: { A: 1 } }, 'env.A'],
    ['env with null for a value', { env: { A: null } }, 'env.A'],
    ['env with NUL in a value', { env: { A: 'x\0y' } }, 'env.A'],
    ['env with a lone surrogate', { env: { A: 'x\ud800' } }, 'env.A'],
    ['env with surrogates in the wrong order', { env: { A: '\udc00\ud800' } }, 'env.A'],
    ['env that is a list', { env: ['A=B'] }, 'env'],
    ['env that is null', { env: null }, 'env'],
    ['env that is text', { env: 'A=B' }, 'env'],
    ['65 KiB of env', { env: { A: 'x'.repeat(65 * 1024) } }, 'env'],
    [
      '257 keys',
      { env: Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`K${n}`, ''])) },
      'env',
    ],
    ['a command that is text', { command: 'ls' }, 'command'],
    ['a command that is null', { command: null }, 'command'],
    ['a number in a command', { command: ['ls', 5] }, 'command.1'],
    ['NUL in a command', { command: ['ls', 'a\0b'] }, 'command.1'],
    ['no program in a command', { command: [''] }, 'command.0'],
    ['257 words of command', { command: Array.from({ length: 257 }, () => 'x') }, 'command'],
    ['65 KiB of command', { command: ['x'.repeat(65 * 1024)] }, 'command'],
    ['port 0', { ports: [0] }, 'ports.0'],
    ['port 65536', { ports: [80, 65_536] }, 'ports.1'],
    ['port 80.5', { ports: [80.5] }, 'ports.0'],
    ['port "80"', { ports: ['80'] }, 'ports.0'],
    ['port 1e400', { ports: [Infinity] }, 'ports.0'],
    ['a port twice', { ports: [80, 80] }, 'ports'],
    ['no time to end', { stop_grace_seconds: 0 }, 'stop_grace_seconds'],
    ['more than two minutes to end', { stop_grace_seconds: 121 }, 'stop_grace_seconds'],
    ['half a second more to end', { stop_grace_seconds: 10.5 }, 'stop_grace_seconds'],
    ['a number written as text', { stop_grace_seconds: '10' }, 'stop_grace_seconds'],
    ['init that is not a boolean', { init: 'true' }, 'init'],
    ['65 ports', { ports: Array.from({ length: 65 }, (_, n) => n + 1) }, 'ports'],
    [
      'a volume that there is not',
      { volumes: [{ volume: 1, mount_path: '/data' }] },
      'volumes.0.volume',
    ],
    ['an unknown field', { color: 'red' }, 'color'],
    ['a status', { status: 'running' }, 'status'],
    ['an id', { id: 1 }, 'id'],
    ['an org', { org: 'x' }, 'org'],
    ['a field in another case', { Name: 'x' }, 'Name'],
  ];
  for (const [what, change, field] of WRONG) {
    it(`is refused by its path: ${what}`, async () => {
      // 1e400 is valid JSON, but not a number that JSON.stringify would write.
      const json = JSON.stringify({ ...GOOD, ...(change as object) }).replace('[null]', '[1e400]');
      const faults = assertFaults(await api.post('/containers/', json), [field]);
      assert.ok(
        faults[field]?.every((sentence) => /^[A-Z].*\.$/s.test(sentence)),
        JSON.stringify(faults),
      );
      if (field === 'org' || field === 'id' || field === 'name') return;
      const { name: _name, ...rest } = JSON.parse(json) as Record<string, unknown>;
      if (rest['image'] === undefined) return;
      assertFaults(await api.patch(`/containers/${id}/`, rest), [field]);
    });
  }

  it('is reported together with all others', async () => {
    const body = {
      name: 'Web',
      image: 'a b',
      env: { 'A=B': 'x', C: 5, D: 'x'.repeat(70_000) },
      command: ['', 5],
      ports: [0, 'x', 80, 80],
      volumes: [{ volume: 'x' }],
      color: 'red',
    };
    const reply = await api.post('/containers/?sort=x', body);
    const paths = [
      'name',
      'image',
      'env',
      'env.A=B',
      'env.C',
      'command.0',
      'command.1',
      'ports',
      'ports.0',
      'ports.1',
    ];
    assertFaults(reply, [...paths, 'volumes.0.mount_path', 'volumes.0.volume', 'color', 'sort']);
  });

  it('is reported in bounded replies, however many there are', async () => {
    const many = Array.from({ length: 100_000 }, () => '\0');
    const fields = Object.fromEntries(many.slice(0, 3000).map((_, index) => [`f${index}`, 0]));
    for (const change of [{ command: many }, { color: many }, { volumes: many }, fields]) {
      const reply = await api.post('/containers/', { ...GOOD, ...change });
      assertError(reply, 400, 'validation_error');
      assert.ok(reply.text.length < 100_000, `${reply.text.length} bytes`);
    }
  });
});

describe('an invalid body', () => {
  it('is broken JSON', async () => {
    const broken = [
      '{',
      '{"name":"a"',
      "{'name':'a'}",
      'name=a',
      '{"a":1}{"b":2}',
      '\u0000',
      'NaN',
      '{"a":1,}',
      ' ',
    ];
    for (const body of broken) assertFaults(await api.post('/containers/', body), ['body']);
  });

  it('is not in UTF-8', async () => {
    const latin = Buffer.from('{"name":"web","image":"nginx","env":{"A":"\xe4"}}', 'latin1');
    assertFaults(await api.post('/containers/', latin), ['body']);
    const utf16 = Buffer.from(JSON.stringify(GOOD), 'utf16le');
    assertFaults(await api.post('/containers/', utf16), ['body']);
  });

  it('is not an object', async () => {
    for (const body of ['null', '[]', '"x"', '5', 'true', '[{"name":"a","image":"b"}]']) {
      assertFaults(await api.post('/containers/', body), ['body']);
      assertFaults(await api.patch(`/containers/${id}/`, body), ['body']);
    }
  });

  it('is missing', async () => {
    assertFaults(await api.post('/containers/'), ['image', 'name']);
    const empty = { 'content-type': 'application/json' };
    assertFaults(await api.send('POST', '/containers/', undefined, empty), ['image', 'name']);
  });

  it('is present where none is expected', async () => {
    assertFaults(await api.send('DELETE', `/containers/${id}/`, { force: true }), ['body']);
    assertFaults(await api.send('DELETE', `/containers/${id}/`, '[]'), ['body']);
  });

  it('is not JSON', async () => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
    ];
    const others = [
      'application/jsonp',
      'application/json-patch+json',
      // A merge patch with null would remove a name, but PATCH does not mean that here.
      'application/merge-patch+json',
      'application/json; charset=latin1',
      'application/json; charset="utf-16"',
      'application/json; charset',
      'nonsense',
      '',
    ];
    for (const type of [...types, ...others]) {
      for (const send of [
        () => api.post('/containers/', JSON.stringify(GOOD), { 'content-type': type }),
        () => api.patch(`/containers/${id}/`, '{"env":null}', { 'content-type': type }),
      ]) {
        assertError(await send(), 415, 'unsupported_media_type');
      }
    }
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'APPLICATION/JSON',
      'application/json; a=b',
    ]) {
      const reply = await api.patch(`/containers/${id}/`, '{}', { 'content-type': type });
      assert.equal(reply.status, 200, type);
    }
  });

  it('has a number that would be rounded', async () => {
    const numbers = [
      '1.00000000000000000001',
      '0.99999999999999999999',
      '9007199254740993',
      '1e400',
    ];
    for (const number of [...numbers, '80.5', '8e-1', `1.${'0'.repeat(500_000)}1`]) {
      const ports = `{"name":"n","image":"x","ports":[${number}]}`;
      assertFaults(await api.post('/containers/', ports), ['ports.0']);
      const size = `{"name":"n","size_gb":${number}}`;
      assertFaults(await api.post('/volumes/', size), ['size_gb']);
      const mount = `{"name":"n","image":"x","volumes":[{"volume":${number},"mount_path":"/a"}]}`;
      assertFaults(await api.post('/containers/', mount), ['volumes.0.volume']);
    }
    const made = await api.post('/containers/', { name: 'numbers', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    for (const number of ['80', '80.0', '8e1', '0.8e2', '8000e-2', '80.000e0']) {
      const reply = await api.patch(path, `{"ports":[${number}]}`);
      assert.deepEqual(reply.body.ports, [80], number);
    }
    assert.equal((await api.delete(path)).status, 204);
  });

  it('asks for a container that takes more than 256 KiB of JSON', async () => {
    // Within the limits of each field. A control character takes six characters of JSON.
    const env = { A: '\u0001'.repeat(30_000) };
    const command = ['\u0001'.repeat(30_000)];
    assertFaults(await api.post('/containers/', { ...GOOD, env, command }), ['body']);
    const made = await api.post('/containers/', { name: 'half', image: 'x', env });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    assertFaults(await api.patch(path, { command }), ['body']);
    assert.equal((await api.delete(path)).status, 204);
  });

  it('has no bytes, though one of unknown length was announced', async () => {
    const headers = {
      authorization: `Bearer ${caller.token}`,
      'transfer-encoding': 'chunked',
    };
    const post = (path: string, body?: string) =>
      httpSend(harness.agent, harness.origin, 'POST', `/api/v1${path}`, headers, body);
    // As if there were none: it may be left out of a restart, and may not of a create.
    assert.equal((await post(`/containers/${id}/restart/`)).status, 200);
    assertError(await post('/containers/'), 400, 'validation_error');
    const typeless = await post(`/containers/${id}/restart/`, '{"pull": false}');
    assertError(typeless, 415, 'unsupported_media_type');
  });

  it('is encoded', async () => {
    for (const coding of ['gzip', 'br', 'deflate', 'gzip, identity', 'nonsense']) {
      const headers = { 'content-encoding': coding };
      assertError(await api.post('/containers/', GOOD, headers), 415, 'unsupported_media_type');
    }
    for (const coding of ['identity', 'Identity', '']) {
      const headers = { 'content-encoding': coding };
      assert.equal((await api.patch(`/containers/${id}/`, {}, headers)).status, 200);
    }
  });

  it('is larger than 1 MiB', async () => {
    const pad = (bytes: number): string => {
      const empty = JSON.stringify({ ...GOOD, pad: '' });
      return JSON.stringify({ ...GOOD, pad: 'x'.repeat(bytes - empty.length) });
    };
    assertFaults(await api.post('/containers/', pad(1_048_576)), ['pad']);
    assertError(await api.post('/containers/', pad(1_048_577)), 413, 'payload_too_large');
    const chunked = { 'transfer-encoding': 'chunked' };
    assertError(await api.post('/containers/', pad(1_048_577), chunked), 413, 'payload_too_large');
    assert.equal((await api.get(`/containers/${id}/`)).status, 200);
  });

  it('is deeply nested', async () => {
    const levels = 100_000;
    assertFaults(await api.post('/containers/', deep('[', ']', levels)), ['body']);
    const inEnv = `{"name":"web","image":"x","env":{"A":${deep('{"a":', '}', levels).replace('}', '1}')}}}`;
    assertFaults(await api.post('/containers/', inEnv), ['env.A']);
    const inCommand = `{"name":"web","image":"x","command":[${deep('[', ']', levels)}]}`;
    assertFaults(await api.post('/containers/', inCommand), ['command.0']);
    assertFaults(await api.post('/containers/', `{"a":${deep('[', ']', levels)}}`), [
      'a',
      'image',
      'name',
    ]);
  });

  it('has names that mean something to JavaScript', async () => {
    const json = '{"name":"web","image":"x","__proto__":{"admin":true},"constructor":1}';
    assertFaults(await api.post('/containers/', json), ['__proto__', 'constructor']);
    const env = '{"name":"web","image":"x","env":{"__proto__":"x"}}';
    assertFaults(await api.post('/containers/', env), ['env.__proto__']);
    const nested = '{"name":"web","image":"x","env":{"__proto__":{"A":"x"}}}';
    assertFaults(await api.post('/containers/', nested), ['env.__proto__']);
    assertFaults(await api.patch(`/containers/${id}/`, '{"__proto__":{"image":"y"}}'), [
      '__proto__',
    ]);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });

  it('names a field twice: the last one counts, as in any JSON reader', async () => {
    const json = '{"image":"a b","image":"x"}';
    const reply = await api.patch(`/containers/${id}/`, json);
    assert.equal(assertContainer(reply, 200).image, 'x');
  });

  it('is refused quickly, whatever it contains', async () => {
    const before = process.cpuUsage();
    const bodies = [
      JSON.stringify({ ...GOOD, ports: Array.from({ length: 150_000 }, (_, n) => n) }),
      JSON.stringify({ ...GOOD, ports: Array.from({ length: 50_000 }, () => ({ a: 1 })) }),
      JSON.stringify({ ...GOOD, image: `${'a-'.repeat(500_000)}!` }),
      JSON.stringify({ ...GOOD, name: `a${'-'.repeat(1_000_000)}` }),
      JSON.stringify({
        ...GOOD,
        env: Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`-${n}`, ''])),
      }),
      JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`f${n}`, 0]))),
    ];
    for (const body of bodies)
      assertError(await api.post('/containers/', body), 400, 'validation_error');
    // Processor time, not clock time, because a busy machine takes longer. Anything quadratic takes minutes.
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 20_000_000, `${user + system} µs`);
  });
});

describe('an invalid id', () => {
  const IDS = [
    '0',
    '-1',
    '9223372036854775808',
    '9007199254740993',
    '1e1',
    '1.0',
    '01',
    'abc',
    '%20',
    '%00',
    '%D9%A1',
    '999999',
  ];

  it('is answered like a missing or a foreign one, byte for byte', async () => {
    const stranger = await harness.callerAdd();
    const foreign = await stranger.api.post('/containers/', { name: 'a', image: 'x' });
    const paths = [...IDS, 'x'.repeat(8000), String(foreign.body.id)].map(
      (one) => `/containers/${one}/`,
    );
    const bytes = new Set<string>();
    for (const path of paths) {
      for (const reply of [
        await api.get(path),
        await api.patch(path, { image: 'y' }),
        await api.delete(path),
      ]) {
        assertError(reply, 404, 'not_found');
        const { date: _date, 'x-request-id': _id, ratelimit: _limit, ...headers } = reply.headers;
        bytes.add(JSON.stringify([reply.text, headers]));
      }
    }
    assert.equal(bytes.size, 1, [...bytes].join('\n'));
    assert.equal((await stranger.api.get(`/containers/${foreign.body.id}/`)).status, 200);
  });
});

describe('an invalid path', () => {
  it('is 404, or 400 if it can not be parsed', async () => {
    const send = (path: string) => httpSend(harness.agent, harness.origin, 'GET', path, {});
    const unknown = [
      '/api',
      '/api/v1',
      '/api/v2/containers/',
      '/api/v1/container/',
      '/api/v1//containers/',
      '/API/v1/containers/',
    ];
    for (const path of [
      ...unknown,
      '/api/v1/containers/1/x/',
      `/api/${'x'.repeat(8192)}`,
      '/x.php',
      '/api/v1/../containers/',
      '/.env',
    ]) {
      assertError(await send(path), 404, 'not_found');
    }
    for (const path of [
      '/api/v1/%zz',
      '/api/v1/containers/%zz/',
      '/%',
      '/api/v1/containers/%ed%a0%80/',
    ]) {
      assertFaults(await send(path), ['path']);
    }
  });
});
