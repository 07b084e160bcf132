import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How one top-level Go test, or a package without tests that ran, ended. */
export interface GoTestResult {
  /** Package and test. */
  name: string;
  outcome: 'pass' | 'fail' | 'skip';
  output: string;
}

interface GoTestEvent {
  Action: string;
  Package?: string;
  ImportPath?: string;
  Test?: string;
  Output?: string;
}

/**
 * Runs `go test -json` and collects what the tests report.
 * @param folder that of the module.
 * @param args packages and flags.
 */
export async function goTest(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<GoTestResult[]> {
  const child = spawn('go', ['test', '-json', '-vet=off', '-count=1', ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const outputs = new Map<string, string>();
  const results: GoTestResult[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as GoTestEvent;
    const name = nameOf(event);
    const output = (outputs.get(name) ?? '') + (event.Output ?? '');
    outputs.set(name, output);
    const isTest = event.Test !== undefined && !event.Test.includes('/');
    const { Action: action } = event;
    if (isTest && (action === 'pass' || action === 'skip' || action === 'fail')) {
      results.push({ name, outcome: action, output });
    }
    if (action === 'build-fail' || (action === 'fail' && event.Test === undefined)) {
      results.push({ name: `${name} as a whole`, outcome: 'fail', output });
    }
  }
  const code = await exit;
  if (code !== 0 && !results.some(({ outcome }) => outcome === 'fail')) {
    results.push({ name: 'go test', outcome: 'fail', output: stderr });
  }
  return results;
}

/** Subtests report under the name of their test. */
function nameOf({ Package, ImportPath, Test }: GoTestEvent): string {
  const folder = (Package ?? ImportPath ?? '').split('/').slice(3).join('/');
  return [folder, Test?.split('/')[0]]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}
