/** Test images: loaded into a Docker engine or pushed to a registry. */
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { imageAssemble, layerAssemble } from './image-assemble.ts';
import type { AssembledImage, ImageLayer } from './image-assemble.ts';
import { imageRecipes } from './image-recipes.ts';
import { registryPut } from './registry-put.ts';
import { rootfsTar } from './rootfs.ts';
import type { RootfsEntry } from './rootfs.ts';

/** A label of every test image, and so of every container created from one. Its value is the image's name. */
const TEST_LABEL = 'dollarbox-test';

/** A label of images pushed to a registry: its host. */
const REGISTRY_LABEL = 'dollarbox-test-registry';

export type TestImageName = keyof Awaited<ReturnType<typeof imageRecipes>>;

/** References by image name. */
export type TestImages = Record<TestImageName, string>;

let recipes: ReturnType<typeof imageRecipes> | null = null;
const layers = new Map<RootfsEntry[], Promise<ImageLayer>>();

/**
 * @param labels additional labels: images with other labels are other images.
 * @throws if the Debian packages are not available.
 */
async function testImage(
  name: TestImageName,
  labels: Record<string, string> = {},
): Promise<AssembledImage> {
  recipes ??= imageRecipes();
  const recipe = (await recipes)[name];
  const made = recipe.layers.map((entries) => {
    const layer = layers.get(entries) ?? layerAssemble(entries);
    layers.set(entries, layer);
    return layer;
  });
  const Labels = { [TEST_LABEL]: name, ...labels };
  return imageAssemble(await Promise.all(made), { ...recipe.config, Labels });
}

async function testImageNames(): Promise<TestImageName[]> {
  recipes ??= imageRecipes();
  return Object.keys(await recipes) as TestImageName[];
}

async function allImages(make: (name: TestImageName) => Promise<string>): Promise<TestImages> {
  const names = await testImageNames();
  const references = await Promise.all(names.map(make));
  return Object.fromEntries(names.map((name, index) => [name, references[index]])) as TestImages;
}

async function isHeld(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** As `docker load`. */
export async function imageLoad(
  docker: Docker,
  reference: string,
  image: AssembledImage,
): Promise<void> {
  const file = (path: string, content: string | Buffer): RootfsEntry => ({
    kind: 'file',
    path,
    content,
  });
  const layerPath = ({ diffId }: ImageLayer) => `${diffId.slice(7)}.tar`;
  const manifest = [
    { Config: 'config.json', RepoTags: [reference], Layers: image.layers.map(layerPath) },
  ];
  const archive = await rootfsTar([
    file('manifest.json', JSON.stringify(manifest)),
    file('config.json', image.config),
    ...image.layers.map((layer) => file(layerPath(layer), layer.tar)),
  ]);
  const stream = await docker.loadImage(Readable.from([archive]));
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines: { error?: string }[]) => {
      const failure = error?.message ?? lines.find((line) => line.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(new Error(failure));
    });
  });
}

/**
 * Loads the test images that the engine lacks, as `dollarbox-test/<name>:<hash of the contents>`.
 * They stay there for the next run.
 * @throws if the Debian packages are not available.
 */
export async function imagesBuild(docker: Docker): Promise<TestImages> {
  return allImages(async (name) => {
    const image = await testImage(name);
    const reference = `dollarbox-test/${name}:${image.imageId.slice(7, 23)}`;
    if (!(await isHeld(docker, reference))) await imageLoad(docker, reference, image);
    return reference;
  });
}

/** A busybox as a base for other images: its layer contains `/bin/sh` and the usual small programs. */
export async function busyboxLayer(): Promise<ImageLayer> {
  recipes ??= imageRecipes();
  const [entries = []] = (await recipes).shell.layers;
  return layerAssemble(entries);
}

/**
 * Pushes one test image to a registry.
 * @param to reference with registry host and tag.
 * @param labels make it a different image from that with any other labels.
 * @param authorization as in `registryPut`.
 * @returns `<host>/<repository>@<digest>`.
 */
export async function imagePush(
  name: TestImageName,
  to: string,
  labels: Record<string, string> = {},
  authorization?: string,
): Promise<string> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(to) ?? [];
  if (host === undefined || repository === undefined || tag === undefined) {
    throw new Error(`"${to}" must be like 127.0.0.1:5000/web:1.`);
  }
  const image = await testImage(name, { [REGISTRY_LABEL]: host, ...labels });
  return `${host}/${repository}@${await registryPut(host, repository, [tag], image, authorization)}`;
}

/**
 * Pushes every test image to a registry as `<host>/<name>:1` and `:latest`. No engine has them yet:
 * they have a label of this registry's own, so that tests really pull, and leave images of others alone.
 * @param registryHost as in `registryStart`.
 * @returns references of tag `1`, by image name.
 * @throws if the Debian packages are not available.
 */
export async function imagesPush(registryHost: string): Promise<TestImages> {
  return allImages(async (name) => {
    const image = await testImage(name, { [REGISTRY_LABEL]: registryHost });
    await registryPut(registryHost, name, ['1', 'latest'], image);
    return `${registryHost}/${name}:1`;
  });
}

/** Whether the test that started this registry is still running. A slow registry counts as running. */
async function registryAnswers(host: string): Promise<boolean> {
  return fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2000) }).then(
    () => true,
    (error: unknown) => error instanceof Error && error.name === 'TimeoutError',
  );
}

/**
 * Removes from the engine what was pulled from a test's registry, under any name, and what killed tests
 * left. Images used by a container stay.
 */
export async function imagesUntag(docker: Docker, registryHost: string): Promise<void> {
  const filters = { label: [REGISTRY_LABEL] };
  for (const { Id, Labels, RepoTags } of await docker.listImages({ filters })) {
    const host = Labels?.[REGISTRY_LABEL] ?? '';
    if (host !== registryHost && (await registryAnswers(host))) continue;
    // Removing the last name removes the image; an image without a name is referred to by its id.
    const names = (RepoTags ?? []).filter((name) => name !== '<none>:<none>');
    for (const name of names.length > 0 ? names : [Id]) {
      await docker
        .getImage(name)
        .remove()
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
        });
    }
  }
}
