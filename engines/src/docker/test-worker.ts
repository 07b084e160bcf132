/** Calls an engine, and may die at a step: told by its argument, says what came of it. */
import type { Engine } from '../contract.ts';
import { newEngine } from './test-setup.ts';
import type { WorkerTask } from './test-volumes.ts';

type Verbs = Record<string, (...args: unknown[]) => Promise<unknown>>;

const { options, calls, dieAt } = JSON.parse(process.argv[2] ?? '') as WorkerTask;
const engine: Engine = newEngine({
  ...options,
  onStep(step) {
    if (step === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
await engine.start();
let result: unknown = null;
for (const [verb, ...args] of calls) {
  const [group = '', name = ''] = verb.split('.');
  result = await (engine[group as 'volumes'] as unknown as Verbs)[name]?.(...args);
}
process.stdout.write(JSON.stringify(result ?? null));
await engine.close();
