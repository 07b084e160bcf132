/** An engine in its own process, next to the private daemon. It answers the requests of `attack-host.ts`. */
import type { Engine } from '../contract.ts';
import { EngineError } from '../contract.ts';
import { testEngineCreate } from '../docker/test/setup.ts';
import type { DockerEngineOptions } from '../docker/base/options.ts';

export interface EngineRequest {
  id: number;
  /** As `containers.apply`. */
  verb: string;
  args: readonly unknown[];
}

export type EngineReply = { id: number } & (
  | { value: unknown }
  | { error: { kind: string; reason: string; message: string } }
);

type Verbs = Record<string, (...args: unknown[]) => Promise<unknown>>;

const options = JSON.parse(process.argv[2] ?? '{}') as Partial<DockerEngineOptions>;
const engine: Engine = testEngineCreate({
  ...options,
  isLocalImageAllowed: async (ref) => !ref.includes('/private'),
});
const started = engine.host?.start();

async function answer({ id, verb, args }: EngineRequest): Promise<EngineReply> {
  try {
    await started;
    const [group = '', name = ''] = verb.split('.');
    const verbs = (name === '' ? engine : engine[group as 'containers']) as unknown as Verbs;
    return { id, value: (await verbs[name === '' ? group : name]?.(...args)) ?? null };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { kind, reason, message } = error;
    return { id, error: { kind, reason, message } };
  }
}

process.on('message', (request: EngineRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
