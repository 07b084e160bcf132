/** Shows the end of logs when a test fails. It is imported by what starts servers in tests. */
import { type SuiteContext, type TestContext, afterEach } from 'node:test';

const LINES_MAX = 40;
const LOGS_MAX = 4;

interface Log {
  name: string;
  text: () => string;
}

const logs: Log[] = [];

/** Has the end of a log shown with each test of this file that fails from now on. The latest few logs are. */
export function failureLogAdd(name: string, text: () => string): void {
  logs.push({ name, text });
}

afterEach((context: TestContext | SuiteContext) => {
  if (!('passed' in context) || context.passed) return;
  for (const { name, text } of logs.slice(-LOGS_MAX)) {
    const lines = text().trimEnd().split('\n').slice(-LINES_MAX);
    console.error(`After "${context.name}", the last log lines of ${name}:\n${lines.join('\n')}`);
  }
});
