import assert from 'node:assert/strict';
import { it } from 'node:test';
import { binaryBytesText, bytesText } from './bytes.ts';

it('says a size in the largest unit that fits', () => {
  assert.deepEqual([0, 999, 1000, 1_540_000, 250_000_000, 10_000_000_000].map(bytesText), [
    '0 B',
    '999 B',
    '1 kB',
    '1.5 MB',
    '250 MB',
    '10 GB',
  ]);
});

it('says a size of memory in binary units', () => {
  assert.deepEqual([0, 1023, 1024, 18_350_080, 1_073_741_824].map(binaryBytesText), [
    '0 B',
    '1023 B',
    '1 KiB',
    '17.5 MiB',
    '1 GiB',
  ]);
});
