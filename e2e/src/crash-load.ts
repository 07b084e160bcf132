import { type Ledger, type Outcome, type Wish } from './ledger.ts';

export interface Load {
  /** How often each answer came; `none` where there was none, `503 blank` where it did not say when to come again. */
  counts(): Readonly<Record<string, number>>;
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

const READS = 8;

/**
 * Clients that each make a container, look at it, change it, look again and delete every second one,
 * until they are stopped, or have made as many as they may.
 */
export function loadStart(
  ledger: Ledger,
  wish: Wish,
  options: { prefix: string; clients?: number; containersEach?: number },
): Load {
  const { prefix, clients = 3, containersEach = 6 } = options;
  const counts: Record<string, number> = {};
  let isStopping = false;

  function count(outcome: Outcome): void {
    const isBlank = outcome?.status === 503 && !/^[1-9]\d*$/.test(outcome.retryAfter ?? '');
    const key = outcome === null ? 'none' : `${outcome.status}${isBlank ? ' blank' : ''}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }

  async function look(id: number): Promise<void> {
    for (let reads = 0; reads < READS && !isStopping; reads += 1) count(await ledger.read(id));
  }

  async function client(index: number): Promise<void> {
    for (let made = 0; !isStopping; made += 1) {
      // Enough are there: from then on it only looks.
      const name = `${prefix}-${index}-${Math.min(made, containersEach)}`;
      const isNew = made < containersEach;
      if (isNew) count(await ledger.create(name, wish, `key of ${name}`));
      const id = ledger.entries.find((entry) => entry.name === name)?.id ?? null;
      if (id === null || !isNew) {
        await look(id ?? 1);
        continue;
      }
      await look(id);
      count(await ledger.update(id, { ...wish, env: { GREETING: name } }));
      await look(id);
      if (made % 2 === 1) count(await ledger.delete(id));
    }
  }

  const running = Array.from({ length: clients }, (_, index) => client(index));
  return {
    counts: () => counts,
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
}
