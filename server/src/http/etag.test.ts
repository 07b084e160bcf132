import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../base/errors.ts';
import { etagFormat, ifMatchCheck, ifNoneMatch } from './etag.ts';

const VERSION = { generation: 3, revision: 12 };

function matches(header: string | undefined): boolean {
  try {
    ifMatchCheck(header, VERSION);
    return true;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, 'precondition_failed');
    return false;
  }
}

describe('an entity tag', () => {
  it('is "<generation>.<revision>"', () => {
    assert.equal(etagFormat(VERSION), '"3.12"');
  });
});

describe('If-Match', () => {
  it('compares what clients wrote, not what shows', () => {
    assert.equal(matches('"3.12"'), true);
    assert.equal(matches('"3.1"'), true);
    assert.equal(matches('"2.12"'), false);
    assert.equal(matches('"4.12"'), false);
    assert.equal(matches('"30.12"'), false);
  });

  it('takes a list, weak tags and a star', () => {
    assert.equal(matches('"1.1", "3.9"'), true);
    assert.equal(matches('W/"3.12"'), true);
    assert.equal(matches('*'), true);
    assert.equal(matches(undefined), true);
  });

  it('does not match anything that is not a tag', () => {
    for (const header of ['', '3.12', '3', '""', '"', 'noise'])
      assert.equal(matches(header), false, header);
  });
});

describe('If-None-Match', () => {
  it('compares all that shows', () => {
    assert.equal(ifNoneMatch('"3.12"', VERSION), true);
    assert.equal(ifNoneMatch('W/"3.12"', VERSION), true);
    assert.equal(ifNoneMatch('"3.11", "3.12"', VERSION), true);
    assert.equal(ifNoneMatch('*', VERSION), true);
    assert.equal(ifNoneMatch('"3.11"', VERSION), false);
    assert.equal(ifNoneMatch('3.12', VERSION), false);
    assert.equal(ifNoneMatch(undefined, VERSION), false);
  });
});
