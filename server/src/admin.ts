/** `dollarbox-admin`: the operator's commands. */
import { inputFrom } from './admin/input.ts';
import { adminRun } from './admin/run.ts';

const tell = (text: string) => void process.stderr.write(text);
const ending = new AbortController();

process.exitCode = await adminRun(process.argv.slice(2), {
  env: process.env,
  input: inputFrom(process.stdin, tell),
  print: (text) => void process.stdout.write(text),
  tell,
  begun() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => ending.abort());
    }
  },
  signal: ending.signal,
});
