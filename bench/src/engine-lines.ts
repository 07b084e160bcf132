import { PassThrough, type Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { docker } from './docker.ts';
import type { BenchServer } from './server.ts';
import { until } from './wait.ts';

/** The lines of a container as the engine's own follow gives them. */
export async function* engineLinesFollow(
  ref: string,
  { tail }: { tail?: number } = {},
): AsyncGenerator<{ at: string; text: string }> {
  const options = { stdout: true, stderr: true, timestamps: true, follow: true } as const;
  const stream = (await docker
    .getContainer(ref)
    .logs({ ...options, ...(tail !== undefined && { tail }) })) as unknown as Readable;
  const plain = new PassThrough();
  docker.modem.demuxStream(stream, plain, plain);
  try {
    for await (const line of createInterface({ input: plain })) {
      const space = line.indexOf(' ');
      yield { at: line.slice(0, space), text: line.slice(space + 1) };
    }
  } finally {
    stream.destroy();
  }
}

/** Listens for the starts of an installation's containers, as the engine reports them. */
export async function startsFollow(server: BenchServer): Promise<{
  /** The engine's id of a container of the API, as soon as it has started. */
  ref(id: number): Promise<string>;
  close(): void;
}> {
  const label = [`dollarbox.installation=${server.installationId}`];
  const filters = JSON.stringify({ type: ['container'], event: ['start'], label });
  const stream = (await docker.getEvents({ filters })) as Readable;
  const refs = new Map<string, string>();
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, Actor } = JSON.parse(line) as {
        id: string;
        Actor: { Attributes: Record<string, string> };
      };
      refs.set(Actor.Attributes['dollarbox.container'] ?? '', id);
    }
  });
  return {
    ref: (id) => until(`the start of ${id}`, async () => refs.get(String(id)), { pollMs: 1 }),
    close: () => stream.destroy(),
  };
}
