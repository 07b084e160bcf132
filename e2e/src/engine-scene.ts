import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { type Registry, registryStart } from '@dollarbox/testbed/registry';
import { docker } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';

/** A server on the machine's own engine, and a registry that it pulls from. */
export interface EngineScene {
  server: ServerProcess;
  client: DollarboxClient;
  images: TestImages;
  registry: Registry;
  close(): Promise<void>;
}

export async function engineSceneOpen(): Promise<EngineScene> {
  const registry = await registryStart();
  const closers = [() => registry.close()];
  async function close(): Promise<void> {
    for (const closer of closers.toReversed()) await closer();
  }
  try {
    const images = await imagesPush(registry.host);
    closers.push(() => imagesUntag(docker, registry.host));
    const server = await serverStart({ ALLOWED_REGISTRIES: registry.host });
    closers.push(() => server.remove());
    const client = dollarboxClientCreate({ baseUrl: server.url, token: server.token, retries: 0 });
    return { server, client, images, registry, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The command of a container that writes `$LINE` into its volume at each start, and serves the volume's content on port
 * 8080.
 * @param mountPath where the volume is mounted.
 */
export function writerCommand(mountPath: string): string[] {
  const serve = `httpd -f -p 8080 -h ${mountPath} & wait $!`;
  return ['/bin/sh', '-c', `trap "exit 0" TERM; echo "$LINE" >> ${mountPath}/log; ${serve}`];
}
