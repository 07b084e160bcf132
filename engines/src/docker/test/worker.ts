/** Calls an engine as its argument specifies, may die at a given step, and reports the result. */
import type { Engine } from '../../contract.ts';
import { testEngineCreate } from './setup.ts';
import type { WorkerTask } from './volumes.ts';

type Verbs = Record<string, (...args: unknown[]) => Promise<unknown>>;

const { options, calls, dieAt } = JSON.parse(process.argv[2] ?? '') as WorkerTask;
function dieThere(step: WorkerTask['dieAt']): void {
  if (step === dieAt) process.kill(process.pid, 'SIGKILL');
}
const engine: Engine = testEngineCreate({ ...options, onStep: dieThere, onProbeStep: dieThere });
await engine.host?.start();
let result: unknown = null;
for (const [verb, ...args] of calls) {
  const [group = '', name = ''] = verb.split('.');
  result = await (engine[group as 'volumes'] as unknown as Verbs)[name]?.(...args);
}
process.stdout.write(JSON.stringify(result ?? null));
await engine.close();
