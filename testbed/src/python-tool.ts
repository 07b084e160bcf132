import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_MS = 5 * 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** A program from PyPI. */
export interface PythonTool {
  /** The folder of its programs. */
  bin: string;
}

/**
 * Installs a package of PyPI into a folder of its own, which goes with the temporary folder.
 * @param requirement with its version, as pip takes it.
 * @returns the tool, or why it can't be had on this machine.
 */
export async function pythonToolInstall(requirement: string): Promise<PythonTool | string> {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-python-'));
  const options = { timeout: INSTALL_MS, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    await run('python3', ['-m', 'venv', folder], options);
  } catch (error) {
    return `Python 3 with its module venv is missing: ${firstLine(error)}`;
  }
  const bin = join(folder, 'bin');
  try {
    const flags = ['--quiet', '--disable-pip-version-check'];
    await run(join(bin, 'pip'), ['install', ...flags, requirement], options);
  } catch (error) {
    return `${requirement} could not be installed from PyPI: ${firstLine(error)}`;
  }
  if (!existsSync(bin)) throw new Error(`${bin} is missing although pip succeeded`);
  return { bin };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}
