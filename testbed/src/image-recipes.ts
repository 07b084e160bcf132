/** The contents of each test image. There is no base image: everything comes from Debian packages. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianRoot } from '@dollarbox/host/apt';
import type { ImageConfig } from './image-assemble.ts';
import { libraryEntries, programEntry } from './rootfs.ts';
import type { RootfsEntry } from './rootfs.ts';

export interface ImageRecipe {
  /** Lowest layer first. */
  layers: RootfsEntry[][];
  config: ImageConfig;
}

const WEB_UID = 1000;
const APP_UID = 1500;
const APP_GID = 1600;
const TEAM_GID = 1700;
const APPLETS = [
  ...['awk', 'cat', 'chmod', 'chown', 'dd', 'df', 'echo', 'env', 'grep', 'hostname', 'httpd', 'id'],
  ...['ip', 'ln', 'ls', 'mkdir', 'mount', 'nc', 'nslookup', 'ping', 'ping6', 'ps', 'rm', 'sh'],
  ...['sleep', 'stat', 'sync', 'tail', 'timeout', 'touch', 'truncate', 'wget'],
];

async function busyboxEntries(): Promise<RootfsEntry[]> {
  const root = await debianRoot(['busybox-static']);
  return [
    { kind: 'dir', path: 'bin' },
    { kind: 'dir', path: 'etc' },
    { kind: 'dir', path: 'tmp', mode: 0o1777 },
    {
      kind: 'file',
      path: 'etc/passwd',
      content:
        `root:x:0:0:root:/:/bin/sh\nweb:x:${WEB_UID}:${WEB_UID}:web:/www:/bin/sh\n` +
        `app:x:${APP_UID}:${APP_GID}:app:/:/bin/sh\n`,
    },
    {
      kind: 'file',
      path: 'etc/group',
      content: `root:x:0:\nweb:x:${WEB_UID}:\napp:x:${APP_GID}:\nteam:x:${TEAM_GID}:\n`,
    },
    await programEntry(root, 'bin/busybox'),
    ...APPLETS.map((name): RootfsEntry => ({
      kind: 'link',
      path: `bin/${name}`,
      target: 'busybox',
    })),
  ];
}

function script(path: string, lines: readonly string[]): RootfsEntry {
  return { kind: 'file', path, content: `#!/bin/sh\n${lines.join('\n')}\n`, mode: 0o755 };
}

/** `/` returns the host name and `$GREETING`; `/cgi-bin/environ` the raw environment of the first process. */
function webRecipe(base: RootfsEntry[]): ImageRecipe {
  return {
    layers: [
      base,
      [
        { kind: 'dir', path: 'www', uid: WEB_UID },
        { kind: 'dir', path: 'www/cgi-bin' },
        script('www/cgi-bin/environ', [
          'printf "Content-Type: application/octet-stream\\r\\n\\r\\n"',
          'cat /proc/1/environ',
        ]),
        script('www/cgi-bin/status', [
          'printf "Content-Type: text/plain\\r\\n\\r\\n"',
          'cat /proc/self/status',
        ]),
        script('start', [
          // The first process of a container ignores signals that it does not handle.
          'trap "exit 0" TERM',
          'echo "web $(hostname) ${GREETING:-}" > /www/index.html',
          'echo "serving on 8080"',
          'httpd -f -p 8080 -h /www & wait $!',
        ]),
      ],
    ],
    config: {
      Cmd: ['/start'],
      User: `${WEB_UID}:${WEB_UID}`,
      ExposedPorts: { '8080/tcp': {} },
      WorkingDir: '/www',
    },
  };
}

const NGINX_CONF = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  include mime.types;
  access_log /dev/stdout;
  server {
    listen 80;
    listen [::]:80;
    root /usr/share/nginx/html;
  }
}
`;

/** Starts as root, chowns its folders, drops to www-data for the worker, as `nginx:1.27` does. */
async function nginxRecipe(): Promise<ImageRecipe> {
  const root = await debianRoot(['nginx-light']);
  const folders = ['etc', 'etc/nginx', 'run', 'var', 'var/lib', 'var/lib/nginx', 'var/log'];
  return {
    layers: [
      [
        ...folders.map((path): RootfsEntry => ({ kind: 'dir', path })),
        { kind: 'dir', path: 'tmp', mode: 0o1777 },
        { kind: 'dir', path: 'var/log/nginx' },
        {
          kind: 'file',
          path: 'etc/passwd',
          content: 'root:x:0:0:root:/:/bin/false\nwww-data:x:33:33:www-data:/:/bin/false\n',
        },
        { kind: 'file', path: 'etc/group', content: 'root:x:0:\nwww-data:x:33:\n' },
        { kind: 'file', path: 'etc/nginx/nginx.conf', content: NGINX_CONF },
        {
          kind: 'file',
          path: 'etc/nginx/mime.types',
          content: await readFile(join(root, 'etc/nginx/mime.types')),
        },
        { kind: 'file', path: 'usr/share/nginx/html/index.html', content: 'Welcome to nginx!\n' },
        await programEntry(root, 'usr/sbin/nginx'),
        ...(await libraryEntries(root, 'usr/sbin/nginx')),
      ],
    ],
    config: {
      Cmd: ['/usr/sbin/nginx', '-g', 'daemon off;'],
      ExposedPorts: { '80/tcp': {} },
      StopSignal: 'SIGQUIT',
    },
  };
}

function scriptRecipe(
  base: RootfsEntry[],
  lines: readonly string[],
  config: ImageConfig = {},
): ImageRecipe {
  return { layers: [base, [script('start', lines)]], config: { Cmd: ['/start'], ...config } };
}

const IDLE = ['echo ready', 'while :; do sleep 3600 & wait $!; done'];

/** Has files of its own where a volume may be mounted, and a link that leads there. */
function seededRecipe(base: RootfsEntry[]): ImageRecipe {
  const owner = { uid: APP_UID, gid: APP_GID };
  return {
    layers: [
      base,
      [
        { kind: 'dir', path: 'srv' },
        { kind: 'dir', path: 'srv/data', mode: 0o750, ...owner },
        { kind: 'file', path: 'srv/data/seed', content: 'from the image\n', ...owner },
        { kind: 'link', path: 'data', target: '/srv/data' },
        script('start', IDLE),
      ],
    ],
    config: { Cmd: ['/start'], User: 'app' },
  };
}

/** All test images by name. Exact behaviour: the scripts below. */
export async function imageRecipes() {
  const base = await busyboxEntries();
  return {
    /** An HTTP server on port 8080 that never runs as root. */
    web: webRecipe(base),
    nginx: await nginxRecipe(),
    /** Writes three lines to stdout and one to stderr, and exits with code 1. */
    exit1: scriptRecipe(base, ['echo oops >&2', 'echo one', 'echo two', 'echo three', 'exit 1']),
    /** Allocates memory until it is killed. */
    hog: scriptRecipe(base, ['echo eating', 'exec dd if=/dev/zero of=/dev/null bs=2000M']),
    /** Prints `ready` and ignores SIGTERM. */
    stubborn: scriptRecipe(base, ['trap "" TERM', 'echo ready', 'while :; do sleep 1; done']),
    /** Prints `ready`; idle, as root, to inspect a container from inside. Its stop signal ends it with code 7, SIGTERM with 8. */
    shell: scriptRecipe(
      base,
      [
        'trap "exit 7" USR1',
        'trap "exit 8" TERM',
        'echo ready',
        'while :; do sleep 3600 & wait $!; done',
      ],
      { StopSignal: 'SIGUSR1', Env: ['PATH=/bin', 'GREETING=hello'] },
    ),
    /** Idle, with data in folders that the image declares. */
    keeper: scriptRecipe(base, IDLE, { Volumes: { '/data': {}, '/data/inner/': {} } }),
    /** Idle, as a numeric user without an entry in the user database. */
    numbered: scriptRecipe(base, IDLE, { User: '1234' }),
    /** Idle, as a user and a group given by name. */
    named: scriptRecipe(base, IDLE, { User: 'app:team' }),
    /** Idle as `app`, with files in `/srv/data`, to which `/data` links. */
    seeded: seededRecipe(base),
  } satisfies Record<string, ImageRecipe>;
}
