import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textRead } from './import-text.ts';
import type { Imported } from './imported.ts';

/** What a text says that holds one container. */
function only(text: string): Imported {
  const read = textRead(text);
  assert.equal(read.fault, undefined);
  const [one, ...others] = Object.values(read.found ?? {});
  assert.equal(others.length, 0);
  return one ?? assert.fail('nothing was found');
}

function noted(notes: readonly string[], ...patterns: RegExp[]): void {
  for (const pattern of patterns) {
    assert.ok(
      notes.some((note) => pattern.test(note)),
      `${pattern} in ${notes.join(' | ')}`,
    );
  }
}

describe('a docker run command', () => {
  it('fills the form', () => {
    const { spec, notes } = only(String.raw`
      # the blog
      $ sudo docker run -d --name blog --restart=unless-stopped \
        -e TITLE="It's mine" -eLEVEL=debug --env EMPTY= \
        -p 8080:80 --publish 127.0.0.1:9000-9001:9000-9001/tcp \
        -v blog-data:/var/lib/blog --stop-timeout 30 --init --pull always \
        --entrypoint /bin/sh ghcr.io/team/blog:5 -c 'exec serve "$PORT"'`);
    assert.deepEqual(spec, {
      name: 'blog',
      image: 'ghcr.io/team/blog:5',
      env: [
        { name: 'TITLE', value: "It's mine" },
        { name: 'LEVEL', value: 'debug' },
        { name: 'EMPTY', value: '' },
      ],
      ports: [80, 9000, 9001],
      mounts: [{ volume: 'blog-data', path: '/var/lib/blog' }],
      graceSeconds: 30,
      init: true,
      pullPolicy: 'always',
      command: ['/bin/sh', '-c', 'exec serve "$PORT"'],
    });
    assert.deepEqual(notes, [
      'Port 8080 becomes 80: a container has an address of its own, so ports are not mapped.',
      'Not needed here: -d, --restart unless-stopped',
    ]);
  });

  it('names everything that it can’t take over', () => {
    const { spec, notes } = only(
      `docker run -it --rm --memory 512m --network=host -v "$PWD/conf":/etc/app:ro -v /cache
       -p 53:53/udp -e TOKEN --env-file .env --mount type=tmpfs,target=/tmp -u 1000 web:1 serve && echo done`.replaceAll(
        '\n',
        ' ',
      ),
    );
    assert.equal(spec.image, 'web:1');
    assert.deepEqual(spec.command, ['serve']);
    assert.deepEqual(spec.mounts, [{ volume: '', path: '/cache' }]);
    assert.deepEqual(spec.env, [{ name: 'TOKEN', value: '' }]);
    noted(
      notes,
      /Not supported.*-i, -t, --rm, --memory 512m, --network host, -u 1000/,
      /\$PWD\/conf at \/etc\/app/,
      /option “ro”/,
      /volume for \/cache/,
      /53\/udp/,
      /value for TOKEN/,
      /contents of \.env/,
      /tmpfs/,
      /entrypoint/,
      /Not read: && echo done/,
    );
  });

  it('says what is wrong', () => {
    const faults = [
      [`docker run -e 'A=b web:1`, /not closed/],
      ['docker compose up -d', /only “docker run”/],
      ['docker run -d --name web', /no image/],
    ] as const;
    for (const [text, fault] of faults) assert.match(textRead(text).fault ?? '', fault);
  });
});

describe('a Compose file', () => {
  const FILE = `
x-common: &common
  restart: unless-stopped
services:
  web:
    <<: *common
    image: "nginx:1.27"
    ports: ["8080:80", {target: 443, published: 8443}]
    environment:
      VERSION: 1.10
      DEBUG: yes
      PRICE: "5$$"
      SECRET: \${SECRET:?missing}
    volumes:
      - site:/usr/share/nginx/html:ro
      - type: volume
        source: cache
        target: /var/cache
      - ./nginx.conf:/etc/nginx/nginx.conf
    depends_on: [db]
    healthcheck: {test: "true"}
  db:
    image: postgres:18
    command: postgres -c 'max_connections=5'
    stop_grace_period: 1m30s
`;

  it('gives each of its services', () => {
    const { found = {} } = textRead(FILE);
    assert.deepEqual(Object.keys(found), ['web', 'db']);
    assert.deepEqual(found['web']?.spec, {
      name: 'web',
      image: 'nginx:1.27',
      // As they are written.
      env: [
        { name: 'VERSION', value: '1.10' },
        { name: 'DEBUG', value: 'yes' },
        { name: 'PRICE', value: '5$' },
        { name: 'SECRET', value: '${SECRET:?missing}' },
      ],
      ports: [80, 443],
      mounts: [
        { volume: 'site', path: '/usr/share/nginx/html' },
        { volume: 'cache', path: '/var/cache' },
      ],
    });
    noted(
      found['web']?.notes ?? [],
      /8080 becomes 80/,
      /8443 becomes 443/,
      /Replace \$\{SECRET:\?missing\}/,
      /option “ro”/,
      /nginx\.conf/,
      /left out: depends_on, healthcheck/,
      /restart: unless-stopped/,
    );
    assert.deepEqual(found['db']?.spec.command, ['postgres', '-c', 'max_connections=5']);
    assert.equal(found['db']?.spec.graceSeconds, 90);
    noted(found['db']?.notes ?? [], /entrypoint/);
  });

  it('may be one service alone, with or without its name', () => {
    assert.equal(only('image: web:1\nexpose: [80]').spec.image, 'web:1');
    const { spec, notes } = only('My_App:\n  image: web:1\n  environment:\n    - A=b\n    - C\n');
    assert.equal(spec.name, 'my-app');
    assert.deepEqual(spec.env, [
      { name: 'A', value: 'b' },
      { name: 'C', value: '' },
    ]);
    noted(notes, /“My_App” becomes “my-app”/, /value for C/);
  });

  it('says what is wrong', () => {
    assert.match(textRead('services:\n  web: {image').fault ?? '', /Compose/);
    assert.match(textRead('services:\n  web:\n    ports: []').fault ?? '', /No service/);
    assert.match(textRead('hello there').fault ?? '', /neither/);
    assert.match(textRead('a: *b').fault ?? '', /Compose/);
  });
});

it('reads the text of an .env file', () => {
  const read = textRead('# keys\nexport A=1\nB="two\nlines"\nA=3');
  assert.equal(read.found && 'kind' in read && read.kind, 'env');
  assert.deepEqual(read.found?.['']?.spec.env, [
    { name: 'A', value: '3' },
    { name: 'B', value: 'two\nlines' },
  ]);
});

it('says which line of an .env file is wrong', () => {
  assert.equal(
    textRead('A=1\n# more\nnot a variable\nB=2').fault,
    'As an .env file: line 3: Write NAME=value.',
  );
  assert.equal(
    textRead('A=1\n"b c"=2').fault,
    'As an .env file: "b c" is not the name of a variable.',
  );
});
