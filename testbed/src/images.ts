/** Test images: built from Debian packages into a Docker engine, and pushed to a registry. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { imageRecipes } from './image-recipes.ts';
import { rootfsTar } from './rootfs.ts';

/** On every test image, and so on every container made from one. */
export const TEST_LABEL = 'dollarbox-test';

export type TestImageName = keyof Awaited<ReturnType<typeof imageRecipes>>;

/** References that the engine holds, by image name. */
export type TestImages = Record<TestImageName, string>;

async function present(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** Waits for the end of a pull, push or import; what failed in it is an error only in its last lines. */
async function streamFinished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines: { error?: string }[]) => {
      const failure = error?.message ?? lines.find((line) => line.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(new Error(failure));
    });
  });
}

/**
 * Builds the test images that the engine lacks, as `dollarbox-test/<name>:<hash of what is in it>`.
 * @throws when the Debian packages can't be had.
 */
export async function imagesBuild(docker: Docker): Promise<TestImages> {
  const images: [string, string][] = [];
  for (const [name, recipe] of Object.entries(await imageRecipes())) {
    const tar = await rootfsTar(recipe.entries);
    const dockerfile = [
      'FROM scratch',
      'ADD rootfs.tar /',
      ...recipe.instructions,
      `LABEL ${TEST_LABEL}=${name}`,
    ].join('\n');
    const hash = createHash('sha256').update(tar).update(dockerfile).digest('hex');
    const reference = `dollarbox-test/${name}:${hash.slice(0, 16)}`;
    if (!(await present(docker, reference))) {
      const context = await rootfsTar([
        { kind: 'file', path: 'Dockerfile', content: dockerfile },
        { kind: 'file', path: 'rootfs.tar', content: tar },
      ]);
      const stream = await docker.buildImage(Readable.from([context]), { t: reference });
      await streamFinished(docker, stream);
    }
    images.push([name, reference]);
  }
  return Object.fromEntries(images) as TestImages;
}

/**
 * Pushes one image that the engine holds; the engine does not keep it under the name it was pushed to.
 * @param to with registry host and tag.
 */
export async function imagePush(docker: Docker, from: string, to: string): Promise<void> {
  const separator = to.lastIndexOf(':');
  const [repo, tag] = [to.slice(0, separator), to.slice(separator + 1)];
  await docker.getImage(from).tag({ repo, tag });
  try {
    const image = docker.getImage(to);
    // Docker 20.10 refuses a push without credentials, even to a registry that asks for none.
    await streamFinished(docker, await image.push({ authconfig: { username: '', password: '' } }));
  } finally {
    await docker.getImage(to).remove({ noprune: true });
  }
}

/**
 * Builds what is missing and pushes every test image as `<host>/<name>:1` and `:latest`.
 * @param registryHost as in `registryStart`.
 * @returns references of tag `1` in the registry, by image name.
 */
export async function imagesPush(docker: Docker, registryHost: string): Promise<TestImages> {
  const images = await imagesBuild(docker);
  const pushed = await Promise.all(
    Object.entries(images).map(async ([name, from]) => {
      const to = `${registryHost}/${name}`;
      await imagePush(docker, from, `${to}:1`);
      await imagePush(docker, from, `${to}:latest`);
      return [name, `${to}:1`] as const;
    }),
  );
  return Object.fromEntries(pushed) as TestImages;
}

/** Removes from the engine what was pulled from a test's registry: all references that begin with its host. */
export async function imagesUntag(docker: Docker, registryHost: string): Promise<void> {
  // A digest goes away with its last tag, so tags first; then what was pulled by digest alone.
  for (const kind of ['RepoTags', 'RepoDigests'] as const) {
    for (const image of await docker.listImages()) {
      for (const name of image[kind] ?? []) {
        if (name.startsWith(`${registryHost}/`)) await docker.getImage(name).remove();
      }
    }
  }
}
