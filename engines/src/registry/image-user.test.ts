import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageUserParse, imageUserResolve } from './image-user.ts';

const PASSWD = 'root:x:0:0::/:/bin/sh\napp:x:1500:1600::/:/bin/sh\n77:x:7:8::/:/bin/sh\nbroken\n';
const GROUP = 'root:x:0:\nteam:x:1700:app\n88:x:9:\n';

test('root, by name or number, needs no change of owner', () => {
  for (const text of ['', 'root', '0', '0:0', '0:1000', 'root:team', ':5']) {
    assert.equal(imageUserParse(text), null, text);
  }
});

test('a user and a group are found by name, by number, and by a name that is a number', () => {
  const cases: Record<string, [number, number] | null> = {
    app: [1500, 1600],
    'app:team': [1500, 1700],
    'app:5': [1500, 5],
    '1500': [1500, 1600],
    '1234': [1234, 0],
    '1234:team': [1234, 1700],
    '1234:5678': [1234, 5678],
    '77': [7, 8],
    '1234:88': [1234, 9],
    nobody: null,
    'app:nobody': null,
    broken: null,
    '-1': null,
  };
  for (const [text, ids] of Object.entries(cases)) {
    const user = imageUserParse(text) ?? assert.fail(text);
    const found = imageUserResolve(user, PASSWD, GROUP);
    assert.deepEqual(found && [found.uid, found.gid], ids, text);
  }
});
