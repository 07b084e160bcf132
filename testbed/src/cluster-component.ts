/** The components of the tests' cluster: processes of this machine that a test may kill, pause or measure. */
import { readdirSync, readFileSync } from 'node:fs';

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubelet';

/**
 * @param folder the cluster's.
 * @throws if the component does not run.
 */
export function componentPid(folder: string, name: Component): number {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    let words: string[];
    try {
      words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      // It has just ended.
      continue;
    }
    if (words[0] === name && words.some((word) => word.includes(folder))) return pid;
  }
  throw new Error(`no ${name} runs for ${folder}`);
}

/**
 * Sends a signal to a component. One that ends is started again by the cluster.
 * @param folder the cluster's.
 * @throws if the component does not run.
 */
export function componentSignal(folder: string, name: Component, signal: NodeJS.Signals): void {
  process.kill(componentPid(folder, name), signal);
}

/** Pauses a component while `work` runs. */
export async function componentPaused(
  folder: string,
  name: Component,
  work: () => Promise<void>,
): Promise<void> {
  componentSignal(folder, name, 'SIGSTOP');
  try {
    await work();
  } finally {
    componentSignal(folder, name, 'SIGCONT');
  }
}
