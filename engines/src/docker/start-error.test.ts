import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startErrorSentence } from './start-error.ts';

const RUNC = 'failed to create shim task: OCI runtime create failed: runc create failed: ';
const OLD_RUNC =
  'OCI runtime create failed: container_linux.go:380: starting container process caused: ';
const START = 'unable to start container process: ';

const FAULTS: Record<string, string> = {
  [`${RUNC}${START}exec: "nope": executable file not found in $PATH: unknown`]:
    'exec: "nope": executable file not found in $PATH',
  [`${OLD_RUNC}exec: "/no/such": stat /no/such: no such file or directory: unknown`]:
    'exec: "/no/such": stat /no/such: no such file or directory',
  [`${RUNC}${START}exec: "/etc/passwd": permission denied: unknown`]:
    'exec: "/etc/passwd": permission denied',
  [`${RUNC}${START}exec: "/etc": is a directory: unknown`]: 'exec: "/etc": is a directory',
  [`${RUNC}${START}exec /bin/odd: exec format error: unknown`]: 'exec format error',
  'unable to find user bob: no matching entries in passwd file':
    'unable to find user bob: no matching entries in passwd file',
  'No command specified': 'No command specified',
  [`${RUNC}${START}exec: "a\\nb": executable file not found in $PATH: unknown`]:
    'exec: "a\\nb": executable file not found in $PATH',
};

for (const [text, shown] of Object.entries(FAULTS)) {
  test(`a process's own fault: ${shown}`, () => {
    assert.equal(startErrorSentence(text), `The process could not be started: ${shown}`);
  });
}

const HOST = '/var/lib/docker/overlay2/0123/merged';
const MOUNTING = `${RUNC}${START}error during container init: error mounting "/var/lib/docker/volumes/v/_data" to rootfs at`;
const MOUNT_FAULTS: Record<string, string> = {
  [`source ${HOST}/bin/my box is not directory`]: 'at /bin/my box: the image has a file there.',
  [`lstat ${HOST}/start/x: not a directory`]:
    'at /start/x: the image has a file there, or above it.',
  [`lstat ${HOST}/${'x'.repeat(256)}: file name too long`]: `at /${'x'.repeat(256)}: a name in it is too long.`,
  [`evalSymlinksInScope: too many links in ${HOST}/loop`]:
    "at /loop: the image's links there lead in a circle.",
  [`${MOUNTING} "/to": "${HOST}/proc" cannot be mounted because it is not of type proc: unknown`]:
    'at /proc: a link of the image leads into /proc.',
  [`${MOUNTING} "/to/x": "${HOST}/proc/x" cannot be mounted because it is inside /proc: unknown`]:
    'at /proc/x: a link of the image leads into /proc.',
  [`${RUNC}${START}error during container init: error reopening /dev/null inside container: open /dev/null: permission denied: unknown`]:
    'where it is to be: it would lie over /dev.',
  'source /btrfs/0123/bin/sh is not directory': 'where it is to be: the image has a file there.',
};

for (const [text, shown] of Object.entries(MOUNT_FAULTS)) {
  test(`a mount path's own fault: ${shown.slice(0, 60)}`, () => {
    assert.equal(startErrorSentence(text), `A volume can not be mounted ${shown}`);
  });
}

test('a command made to be searched for long is not, and its fault is told', () => {
  for (const made of [
    'exec: ": stat ',
    'mount ',
    'source ',
    '/merged',
    'exec ',
    'chdir to cwd ("',
  ]) {
    const command = made.repeat(65_536 / made.length);
    const text = `${RUNC}${START}exec: "/${command}": stat /${command}: file name too long: unknown`;
    assert.match(
      startErrorSentence(text) ?? '',
      /^The process could not be started: exec: "\/.*: file name too long$/,
    );
    const unknown = `${RUNC}${START}exec: "/${command}": something new`;
    assert.equal(startErrorSentence(unknown), null, made);
  }
});

test("the engine's faults are not the process's, and say nothing of the host", () => {
  for (const text of [
    '',
    'Address already in use',
    'network 0123 not found',
    `${RUNC}mkdir /var/lib/docker/overlay2/0123/merged/app: no space left on device: unknown`,
    `${RUNC}unable to apply cgroup configuration: mkdir /sys/fs/cgroup/x: cannot allocate memory: unknown`,
    'driver failed programming external connectivity on endpoint x',
  ]) {
    assert.equal(startErrorSentence(text), null, text);
  }
});

test('a long fault is cut', () => {
  const text = `exec: "${'x'.repeat(5000)}": executable file not found in $PATH`;
  assert.ok((startErrorSentence(text) ?? '').length < 400);
});
