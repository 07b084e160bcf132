import { type Container, type DollarboxClient, unwrap } from '@dollarbox/client';
import type Docker from 'dockerode';
import { type TestImages, imagesBuild } from '@dollarbox/testbed/images';
import { inParallel, until } from './wait.ts';

const DELETED_AT_A_TIME = 8;
let serial = 0;

/** The tiny web image, kept by the engine, so that nothing is pulled. @returns its reference. */
export async function webImage(docker: Docker): Promise<string> {
  const images: TestImages = await imagesBuild(docker);
  return images.web;
}

/** Creates a container with a name of its own. */
export function containerMake(
  client: DollarboxClient,
  image: string,
  volumes: Container['volumes'] = [],
): Promise<Container> {
  serial += 1;
  const name = `bench-${serial}`;
  return unwrap(client.POST('/containers/', { body: { name, image, volumes } }));
}

export function containerGet(client: DollarboxClient, id: number): Promise<Container> {
  return unwrap(client.GET('/containers/{id}/', { params: { path: { id } } }));
}

/** Reads a container every few milliseconds until the API says that it runs. */
export function containerRunning(client: DollarboxClient, id: number): Promise<Container> {
  return until(
    `container ${id} running`,
    async () => {
      const container = await containerGet(client, id);
      if (container.status === 'failed') throw new Error(container.status_message ?? 'failed');
      return container.status === 'running' && container;
    },
    { pollMs: 4 },
  );
}

export function containersDelete(
  client: DollarboxClient,
  ids: readonly number[],
): Promise<unknown> {
  return inParallel(ids, DELETED_AT_A_TIME, (id) =>
    unwrap(client.DELETE('/containers/{id}/', { params: { path: { id } } })),
  );
}
