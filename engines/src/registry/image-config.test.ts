import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exposedPortsRead, imageSettingsCheck } from './image-config.ts';
import { PullError } from './pull-error.ts';

/** Settings that Docker 20.10 refuses or can't run a container with, and what the message must name. */
const REFUSED: readonly (readonly [settings: unknown, named: RegExp])[] = [
  [{ WorkingDir: 'app' }, /WorkingDir "app" is not an absolute path/],
  [{ WorkingDir: './app' }, /WorkingDir/],
  [{ WorkingDir: 'C:\\app' }, /WorkingDir/],
  [{ WorkingDir: ' /app' }, /WorkingDir/],
  [{ WorkingDir: '~' }, /WorkingDir/],
  [{ WorkingDir: '/a\0b' }, /WorkingDir.*NUL/],
  [{ WorkingDir: `/${'x'.repeat(256)}` }, /WorkingDir.*too long/],
  [{ WorkingDir: '/x'.repeat(2048) }, /WorkingDir.*too long/],
  [{ WorkingDir: 5 }, /WorkingDir must be a string, and is 5/],
  [{ workingdir: 'app' }, /WorkingDir/],
  [{ WorkingDir: '/a', workingDir: '/b' }, /WorkingDir twice/],
  [{ User: '-1' }, /User "-1" is out of range/],
  [{ User: '4294967295' }, /User.*out of range/],
  [{ User: '2147483648' }, /User.*out of range/],
  [{ User: '99999999999999999999' }, /User.*out of range/],
  [{ User: '0:-1' }, /User.*out of range/],
  [{ User: 'app:4294967295' }, /User.*out of range/],
  [{ User: 'a\0b' }, /User.*NUL/],
  [{ User: 0 }, /User must be a string/],
  [{ Env: ['=x'] }, /Env has "=x"/],
  [{ Env: ['A=b\0c'] }, /Env variable "A" contains a NUL/],
  [{ Env: { A: 'b' } }, /Env must be a list of strings/],
  [{ Env: 'A=b' }, /Env must be a list of strings/],
  [{ Env: [5] }, /Env must be a list of strings/],
  [{ Env: [`A=${'x'.repeat(300_000)}`] }, /larger than 256 KiB/],
  [
    {
      ExposedPorts: Object.fromEntries(
        Array.from({ length: 65_535 }, (_, port) => [`${port + 1}/tcp`, {}]),
      ),
    },
    /exposed ports are larger than 256 KiB/,
  ],
  [{ Cmd: [1] }, /Cmd must be a string or a list/],
  [{ Cmd: ['/start', 'a\0b'] }, /Cmd contains a NUL/],
  [{ Entrypoint: ['/st\0art'] }, /Entrypoint contains a NUL/],
  [{ Entrypoint: { a: 1 } }, /Entrypoint must be/],
  [{ ExposedPorts: ['80/tcp'] }, /ExposedPorts must be an object/],
  [{ Volumes: ['/data'] }, /Volumes must be an object/],
  [{ Volumes: { '/data': {}, '/x/../dev/': {} } }, /VOLUME at "\/x\/\.\.\/dev\/"/],
  [{ Volumes: { '/': {} } }, /VOLUME at "\/"/],
  [{ Volumes: { '/sys/firmware': {} } }, /VOLUME at "\/sys\/firmware"/],
  [{ Labels: ['a'] }, /Labels must be an object of strings/],
  [{ Labels: { a: 5 } }, /Labels must be an object of strings/],
  [{ Labels: { 'dollarbox.tenant': '1' } }, /label "dollarbox\.tenant"/],
  [{ labels: { 'dollarbox.tenant': '1' } }, /label "dollarbox\.tenant"/],
  [{ StopSignal: 'X' }, /StopSignal "X" is not a signal/],
  [{ StopSignal: 15 }, /StopSignal must be a string/],
  [{ StopTimeout: 'x' }, /StopTimeout must be an integer/],
  [{ Healthcheck: 'x' }, /Healthcheck must be an object/],
  [{ OnBuild: 'x' }, /OnBuild must be a list/],
  [{ AttachStdin: 'x' }, /AttachStdin must be true or false/],
  [{ Image: 5 }, /Image must be a string/],
  ['x', /configuration is not an object/],
  [[], /configuration is not an object/],
];

/** Settings that Docker 20.10 runs containers with. */
const ACCEPTED: readonly unknown[] = [
  null,
  undefined,
  {},
  { WorkingDir: '' },
  { WorkingDir: '/../../x' },
  { WorkingDir: '/x\ny' },
  { WorkingDir: null, User: null, Env: null, Cmd: null, Labels: null, ExposedPorts: null },
  { User: 'bob' },
  { User: ':0' },
  { User: '0:0:0' },
  { User: '2147483647:2147483647' },
  { User: '+0' },
  { Env: ['NOEQUALS', '', null, 'A B=c', 'A=1', 'A=2'] },
  { Cmd: '/start', Entrypoint: '/start' },
  { Cmd: ['/start', null] },
  { ExposedPorts: { 'abc/tcp': {}, '99999/tcp': {}, '': {} } },
  { Volumes: { data: {}, '/device': {}, '/var/lib/dev': {} } },
  { Labels: { '': 'x' } },
  { StopTimeout: -1, Healthcheck: { Interval: 1 }, Hostname: 'x'.repeat(300), Tty: true },
  { StopSignal: 'SIGRTMIN+3' },
  { Unknown: 5 },
];

describe('settings of an image', () => {
  for (const [settings, named] of REFUSED) {
    test(`${JSON.stringify(settings).slice(0, 60)} is refused, naming the setting`, () => {
      assert.throws(
        () => imageSettingsCheck(settings),
        (error: unknown) => {
          assert.ok(error instanceof PullError);
          assert.equal(error.reason, 'image_rejected');
          assert.match(error.message, named);
          assert.ok(error.message.length < 300);
          return true;
        },
      );
    });
  }
  for (const settings of ACCEPTED) {
    test(`${(JSON.stringify(settings) ?? 'none').slice(0, 60)} is accepted`, () => {
      imageSettingsCheck(settings);
    });
  }
});

test('of exposed ports, single TCP ports count', () => {
  const exposed = [
    '9000/tcp',
    '80',
    '80/TCP',
    '53/udp',
    'abc/tcp',
    '0/tcp',
    '99999/tcp',
    '1-5/tcp',
    '',
  ];
  assert.deepEqual(
    exposedPortsRead(Object.fromEntries(exposed.map((port) => [port, {}]))),
    [80, 9000],
  );
});
