/** Does one verb on a volume, and may die at a step of it: told by its argument, says what came of it. */
import { volumeDockerName } from './names.ts';
import { newEngine } from './test-setup.ts';
import type { WorkerTask } from './test-volumes.ts';

const { options, verb, spec, dieAt } = JSON.parse(process.argv[2] ?? '') as WorkerTask;
const engine = newEngine({
  ...options,
  onStep(step) {
    if (step === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
await engine.start();
const ref = volumeDockerName(options.installationId ?? '', spec);
const result =
  verb === 'apply' ? await engine.volumes.apply(spec) : await engine.volumes.remove(ref);
process.stdout.write(JSON.stringify(result ?? 'done'));
await engine.close();
