/** OpenTofu, which the tests of the Terraform provider run. */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createZstdDecompress } from 'node:zlib';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(PROJECT, 'node_modules/.cache/dollarbox');
/** The module that pins its version. */
const MODULE = join(PROJECT, 'terraform/tools/tofu');
/** A copy that may lie beside a checkout. */
const BESIDE = join(PROJECT, '../shared/tofu/tofu.zst');

/**
 * The path of the program: the variable `TEST_TOFU`, else unpacked from beside the checkout, else built from its Go
 * module, which takes minutes. What was made is kept for the next run.
 * @throws if it can't be built, or the variable names no program.
 */
export async function tofuEnsure(): Promise<string> {
  const given = process.env['TEST_TOFU'];
  if (given !== undefined && given !== '') {
    await promisify(execFile)(given, ['version']).catch((cause: unknown) => {
      throw new Error(`TEST_TOFU must name an OpenTofu program: ${given} can't be run.`, { cause });
    });
    return given;
  }
  await mkdir(CACHE, { recursive: true });
  if (existsSync(BESIDE)) {
    const { size, mtimeMs } = statSync(BESIDE);
    return made(join(CACHE, `tofu-${size}-${Math.round(mtimeMs)}`), async (path) => {
      await pipeline(createReadStream(BESIDE), createZstdDecompress(), createWriteStream(path));
      await chmod(path, 0o755);
    });
  }
  return made(join(CACHE, 'tofu-built'), async (path) => {
    const flags = '-s -w -X github.com/opentofu/opentofu/version.dev=no';
    const args = ['build', '-trimpath', '-ldflags', flags, '-o', path];
    await promisify(execFile)('go', [...args, 'github.com/opentofu/opentofu/cmd/tofu'], {
      cwd: MODULE,
    });
  });
}

/** Renamed when it is complete, so that a run that was ended leaves no half of it. */
async function made(path: string, make: (path: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  const temporary = `${path}.${process.pid}`;
  await make(temporary);
  await rename(temporary, path);
  return path;
}
