import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validationError } from './errors.ts';

describe('the message of a validation error', () => {
  it('states the first fault in full, and how many more there are', () => {
    const message = (fields: Record<string, string[]>) => validationError(fields).message;
    assert.equal(
      message({ name: ['Must not be empty.'] }),
      'The field "name" is not valid: Must not be empty.',
    );
    assert.equal(
      message({ name: ['Must not be empty.'], image: ['This field is required.'] }),
      'The field "name" is not valid: Must not be empty. (1 more fault is listed in "detail".)',
    );
    assert.equal(
      message({ name: ['A.', 'B.'], image: ['C.'], env: ['D.'] }),
      'The field "name" is not valid: A. (3 more faults are listed in "detail".)',
    );
  });
});
