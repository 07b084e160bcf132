import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsRead } from './arguments.ts';
import { COMMANDS } from './run.ts';

const read = (...args: string[]) => argumentsRead(args, COMMANDS);

function assertRefused(args: string[], sentence: RegExp): void {
  assert.throws(
    () => read(...args),
    (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'OperatorError');
      assert.match(error.message, sentence);
      return true;
    },
  );
}

test('reads a command, its options in both forms and --json', () => {
  const asked = read('token-create', '--user=a@b', '--name', 'x y', '--scope', 'read', '--json');
  assert.equal(asked.kind, 'run');
  assert.ok(asked.kind === 'run');
  assert.equal(asked.command.name, 'token-create');
  assert.deepEqual(asked.values, { user: 'a@b', name: 'x y', scope: 'read' });
  assert.equal(asked.json, true);
});

test('a dash alone is a value, and so is one that starts with a dash after =', () => {
  const asked = read('user-create', '--email', 'a@b', '--password', '-', '--name=-x');
  assert.ok(asked.kind === 'run');
  assert.deepEqual(asked.values, { email: 'a@b', password: '-', name: '-x' });
  assert.equal(asked.json, false);
});

test('an option without a value is given or not', () => {
  const asked = read('volume-orphan-remove', '--ref', 'x', '--yes', '--json');
  assert.ok(asked.kind === 'run');
  assert.deepEqual([asked.values, asked.json], [{ ref: 'x', yes: 'yes' }, true]);
  const other = read('volume-orphan-remove', '--ref', 'x');
  assert.ok(other.kind === 'run');
  assert.deepEqual(other.values, { ref: 'x' });
  assertRefused(['volume-orphan-remove', '--ref', 'x', '--yes=no'], /--yes takes no value/);
});

test('asks for help in every usual way', () => {
  for (const args of [[], ['--help'], ['-h'], ['help']]) {
    assert.deepEqual(read(...args), { kind: 'help', command: null });
  }
  for (const args of [
    ['help', 'org-list'],
    ['org-list', '--help'],
    ['org-limits', '-h'],
  ]) {
    const asked = read(...args);
    assert.ok(asked.kind === 'help');
    assert.match(asked.command?.name ?? '', /^org-li/);
  }
});

test('names the command that was likely meant', () => {
  assertRefused(['usr-list'], /no command "usr-list"; did you mean "user-list"\?/);
  assertRefused(['token-lst'], /did you mean "token-list"\?/);
  assertRefused(['deploy'], /^There is no command "deploy"\. See /);
  assert.throws(
    () => read('deploy'),
    (error) => error instanceof Error && !error.message.includes('did you mean'),
  );
  assertRefused(['--json', 'user-list'], /The command comes first/);
});

test('names the option that was likely meant', () => {
  assertRefused(['user-create', '--emial', 'x'], /no option --emial; did you mean --email\?/);
  assertRefused(['org-limits', '--volume', '5'], /did you mean --volume-gb\?/);
  assertRefused(['org-list', '-x'], /no option -x\./);
});

test('refuses what it would have to guess', () => {
  assertRefused(['user-list', 'now'], /"now" belongs to no option/);
  assertRefused(['org-limits', '--org', 'a', '--org', 'b'], /--org is given twice/);
  assertRefused(['user-disable', '--user'], /--user needs a value/);
  assertRefused(['user-disable', '--user='], /--user needs a value/);
  assertRefused(['token-create', '--user', '--name', 'x'], /--user needs a value/);
  assertRefused(['user-list', '--json=yes'], /--json takes no value/);
});

test('names every option that is missing', () => {
  assertRefused(
    ['token-create', '--user', 'a@b'],
    /token-create needs --name and --scope\. See dollarbox-admin token-create --help\./,
  );
  assertRefused(['org-limits', '--org', 'a'], /needs --containers or --volume-gb/);
});

test('every command is named noun-verb, once, and can be explained', () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, summary, options, oneOf = [] } of COMMANDS) {
    assert.match(name, /^[a-z]+(-[a-z]+)+$/);
    assert.match(summary, /^[A-Z].*[^.]$/);
    for (const option of [...Object.keys(options), ...oneOf]) assert.ok(options[option], option);
  }
});
