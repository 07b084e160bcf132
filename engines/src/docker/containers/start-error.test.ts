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
  test(`a fault of the process: ${shown}`, () => {
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
  test(`a fault of a mount path: ${shown.slice(0, 60)}`, () => {
    assert.equal(startErrorSentence(text, ['/v']), `A volume can not be mounted ${shown}`);
  });
}

/** As reported by Docker 20.10 with runc 1.1. */
const IMAGE_FAULTS: Record<string, string> = {
  [`${RUNC}Cwd must be an absolute path: unknown`]:
    "The image's WorkingDir is not an absolute path: the process could not be started.",
  'uids and gids must be in range 0-2147483647':
    "The image's User is out of range: user and group ids are 0 to 2147483647.",
  [`unable to find user 0: read ${HOST}/etc/passwd: is a directory`]:
    "The image's /etc/passwd can't be read: it must be a file, or be missing.",
  [`unable to find user app: read ${HOST}/etc/passwd: is a directory`]:
    "The image's /etc/passwd can't be read: it must be a file, or be missing.",
  [`unable to find groups for spec root: read ${HOST}/etc/group: is a directory`]:
    "The image's /etc/group can't be read: it must be a file, or be missing.",
  [`evalSymlinksInScope: too many links in ${HOST}/etc/passwd`]:
    "The image's /etc/passwd can't be read: it must be a file, or be missing.",
  [`${RUNC}${START}error during container init: error mounting "/var/lib/docker/containers/0/resolv.conf" to rootfs at "/etc/resolv.conf": mount /var/lib/docker/containers/0/resolv.conf:/etc/resolv.conf (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown`]:
    'The image has something other than a file at /etc/resolv.conf: the process could not be started.',
  [`${RUNC}${START}error during container init: environment variable name can't be empty: "=x": unknown`]:
    "The process could not be started: environment variable name can't be empty",
  [`${RUNC}${START}exec: "/st\\x00art": stat /st\0art: invalid argument: unknown`]:
    'The process could not be started: exec: "/st\\x00art": stat /st\0art: invalid argument',
  [`${RUNC}${START}error during container init: error mounting "/usr/bin/docker-init" to rootfs at "/sbin/docker-init": mount /usr/bin/docker-init:/sbin/docker-init (via /proc/self/fd/6), flags: 0x5001: not a directory: unknown`]:
    'The image has something other than a file at /sbin/docker-init: the process could not be started.',
  'exec: "docker-init": executable file not found in $PATH':
    "The container engine's machine has no docker-init, which `init: true` needs: its operator has to install it (it is part of Docker's packages, and a link to tini on Debian and Ubuntu).",
  [`${RUNC}${START}exec: "docker-init": executable file not found in $PATH: unknown`]:
    'The process could not be started: exec: "docker-init": executable file not found in $PATH',
  'Cannot mkdir: /afile is not a directory':
    "The working directory /afile can't be used: it is not a folder and can't be made one.",
  [`lstat ${HOST}/afile/x: not a directory`]:
    "The working directory /afile/x can't be used: the image has a file there, or above it.",
  [`lstat ${HOST}/${'x'.repeat(256)}: file name too long`]: `The working directory /${'x'.repeat(256)} can't be used: a name in it is too long.`,
  [`evalSymlinksInScope: too many links in ${HOST}/loop`]:
    "The working directory /loop can't be used: the image's links there lead in a circle.",
  [`${RUNC}${START}error during container init: mkdir /proc/nope: no such file or directory: unknown`]:
    "The working directory /proc/nope can't be used: it is not a folder and can't be made one.",
  [`${RUNC}${START}error during container init: mkdir /sys/foo: read-only file system: unknown`]:
    "The working directory /sys/foo can't be used: it is not a folder and can't be made one.",
};

for (const [text, sentence] of Object.entries(IMAGE_FAULTS)) {
  test(`a fault of the image: ${sentence.slice(0, 60)}`, () => {
    assert.equal(startErrorSentence(text), sentence);
  });
}

test('a command made to slow the search down is searched quickly', () => {
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

test("faults of the engine are not reported as the process's", () => {
  for (const text of [
    '',
    'Address already in use',
    'network 0123 not found',
    `${RUNC}mkdir /var/lib/docker/overlay2/0123/merged/app: no space left on device: unknown`,
    `${RUNC}unable to apply cgroup configuration: mkdir /sys/fs/cgroup/x: cannot allocate memory: unknown`,
    `${RUNC}${START}error during container init: mkdir /app: no space left on device: unknown`,
    'driver failed programming external connectivity on endpoint x',
  ]) {
    assert.equal(startErrorSentence(text), null, text);
  }
});

test('a long fault is cut', () => {
  const text = `exec: "${'x'.repeat(5000)}": executable file not found in $PATH`;
  assert.ok((startErrorSentence(text) ?? '').length < 400);
});
