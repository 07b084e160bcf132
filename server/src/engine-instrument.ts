import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { Metrics } from './metrics.ts';

type Verb = (...args: never[]) => Promise<unknown>;

/** The same engine, each verb timed by name and outcome. */
export function engineInstrument(engine: Engine, metrics: Metrics): Engine {
  function timed<T extends Verb>(name: string, verb: T): T {
    const wrapper = async (...args: never[]): Promise<unknown> => {
      const end = metrics.engineCallDuration.startTimer({ verb: name });
      try {
        const result = await verb(...args);
        end({ outcome: 'ok' });
        return result;
      } catch (error) {
        end({ outcome: error instanceof EngineError ? error.kind : 'error' });
        throw error;
      }
    };
    return wrapper as T;
  }

  function timedGroup<T extends Record<string, Verb>>(group: string, verbs: T): T {
    return Object.fromEntries(
      Object.entries(verbs).map(([name, verb]) => [
        name,
        timed(`${group}.${name}`, verb.bind(verbs) as Verb),
      ]),
    ) as T;
  }

  return {
    kind: engine.kind,
    start: () => engine.start(),
    close: () => engine.close(),
    ping: timed('ping', () => engine.ping()),
    probeIsolation: () => engine.probeIsolation(),
    capacity: timed('capacity', () => engine.capacity()),
    tenants: timedGroup('tenants', { ...engine.tenants }),
    images: timedGroup('images', { ...engine.images }),
    containers: timedGroup('containers', { ...engine.containers }),
    volumes: timedGroup('volumes', { ...engine.volumes }),
    changes: (signal, onGap) => engine.changes(signal, onGap),
  };
}
