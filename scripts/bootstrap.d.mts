export const projectFolder: string;
export class BootstrapError extends Error {}
export function runInstalled(nodeArguments: readonly string[]): Promise<void>;
export function nodeVersionCheck(version: string): void;
export function nodePath(folder: string): string;
export function installEnsure(folder: string, tell?: (text: string) => void): Promise<void>;
export function runForwarding(command: string, args: readonly string[]): void;
