import {
  ENGINE_TIMEOUT,
  type Engine,
  EngineError,
  type EngineHost,
} from '@dollarbox/engines/contract';
import type { EngineLog } from '@dollarbox/engines/docker/options';
import type { Metrics } from '../base/metrics.ts';

type Verb = (...args: never[]) => Promise<unknown>;

/** How many objects are remembered with their org. Each sweep lists all of them again. */
const REFS_MAX = 100_000;

interface WithTenant {
  ref?: unknown;
  tenantId?: unknown;
}

/** Remembers which org an engine's objects belong to: a verb that hangs was called with a reference only. */
function refTenantsCreate() {
  const byRef = new Map<string, number>();
  function learn(found: unknown): void {
    if (Array.isArray(found)) return found.forEach(learn);
    if (typeof found !== 'object' || found === null) return;
    const { ref, tenantId } = found as WithTenant;
    if (typeof ref !== 'string' || typeof tenantId !== 'number') return;
    byRef.delete(ref);
    byRef.set(ref, tenantId);
    const [oldest] = byRef.keys();
    if (byRef.size > REFS_MAX && oldest !== undefined) byRef.delete(oldest);
  }
  /** @returns the org that a verb with this first argument works for, if it is known. */
  function of(name: string, argument: unknown): number | undefined {
    if (typeof argument === 'string') return byRef.get(argument);
    if (name === 'tenants.remove' || name === 'workloads.list') return argument as number;
    if (typeof argument !== 'object' || argument === null) return undefined;
    const { tenantId, id } = argument as { tenantId?: number; id?: number };
    return name === 'tenants.ensure' ? id : tenantId;
  }
  return { learn, of };
}

/**
 * The same engine, with each verb timed by name and outcome. A call that does not end in time is logged with its org.
 */
export function engineInstrument(
  engine: Engine,
  metrics: Metrics,
  log: Pick<EngineLog, 'warn'>,
): Engine {
  const tenants = refTenantsCreate();
  function outcomeOf(name: string, argument: unknown, error: unknown): string {
    if (!(error instanceof EngineError)) return 'error';
    if (error.reason !== ENGINE_TIMEOUT) return error.kind;
    const org = tenants.of(name, argument);
    log.warn(
      { verb: name, org, object: typeof argument === 'string' ? argument : undefined },
      'the container engine did not answer a call in time',
    );
    return 'timeout';
  }
  function timed<T extends Verb>(name: string, verb: T): T {
    const wrapper = async (...args: never[]): Promise<unknown> => {
      const end = metrics.engineCallDuration.startTimer({ verb: name });
      try {
        const result = await verb(...args);
        end({ outcome: 'ok' });
        tenants.learn(result);
        return result;
      } catch (error) {
        end({ outcome: outcomeOf(name, args[0], error) });
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

  function hostTimed(host: EngineHost): EngineHost {
    const { capacity, ...rest } = host;
    return { ...rest, capacity: timed('capacity', capacity) };
  }

  // The streams of lines last as long as somebody reads them.
  const { logs, usage } = engine.access;
  return {
    kind: engine.kind,
    restarts: engine.restarts,
    addressing: engine.addressing,
    close: () => engine.close(),
    ping: timed('ping', () => engine.ping()),
    ...(engine.host && { host: hostTimed(engine.host) }),
    access: { ...engine.access, ...timedGroup('access', { logs, usage }) },
    ...(engine.credentials && {
      credentials: timedGroup('credentials', { ...engine.credentials }),
    }),
    ...(engine.workloads && { workloads: timedGroup('workloads', { ...engine.workloads }) }),
    tenants: timedGroup('tenants', { ...engine.tenants }),
    images: timedGroup('images', { ...engine.images }),
    containers: timedGroup('containers', { ...engine.containers }),
    volumes: timedGroup('volumes', { ...engine.volumes }),
    changes: (signal, onGap) => engine.changes(signal, onGap),
  };
}
