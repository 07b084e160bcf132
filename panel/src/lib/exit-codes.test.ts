import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodeOf, exitCodeText } from './exit-codes.ts';

describe('the exit code of a process', () => {
  it('is read from the sentence of a status, not from what the process wrote', () => {
    assert.equal(exitCodeOf('The process exited with code 127 and wrote nothing.'), 127);
    assert.equal(
      exitCodeOf('The process exited with code unknown. Last lines:\nwith code 3'),
      null,
    );
    assert.equal(exitCodeOf('The process was killed because it used more than its 1 GiB'), null);
    assert.equal(exitCodeOf(null), null);
  });

  it('is explained where it has a meaning of its own', () => {
    assert.match(exitCodeText(127) ?? '', /not found/);
    assert.equal(exitCodeText(3), null);
  });
});
