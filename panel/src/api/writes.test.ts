import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));

// TanStack Query does not call them if the component is gone by then, and the event of a change may come before its
// reply: what should follow would be lost. Those of `useMutation` are always called, and so is what awaits `mutateAsync`.
it('no call of mutate has callbacks of its own', () => {
  const calls = globSync('**/*.{ts,tsx}', { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(`${SOURCES}/${file}`, 'utf8').matchAll(/\.mutate\([^;]*/g)].map(
      ([call]) => `${file}: ${call}`,
    ),
  );
  assert.ok(calls.length > 20, `${calls.length} calls found`);
  const faulty = calls.filter((call) => /\bon(?:Success|Error|Settled)\b/.test(call));
  assert.deepEqual(faulty, []);
});
