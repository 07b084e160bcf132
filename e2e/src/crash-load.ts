import type { Ledger, Outcome, Wish } from './ledger.ts';

/** The answers that clients received. */
export interface Load {
  /** How often each status was received: `none` for no answer, `503 blank` for one that did not say when to retry. */
  counts(): Readonly<Record<string, number>>;
}

const CLIENTS = 3;
const READS = 8;
/** A client that has made this many changes only reads from then on. */
const CONTAINERS_EACH = 6;

/**
 * Runs `action` while clients each create containers, read them, change them, read them again and delete every second
 * one.
 * @param prefix of the containers' names.
 */
export async function loadDuring(
  ledger: Ledger,
  wish: Wish,
  prefix: string,
  action: (load: Load) => Promise<unknown>,
): Promise<Load> {
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
      const name = `${prefix}-${index}-${Math.min(made, CONTAINERS_EACH)}`;
      const isNew = made < CONTAINERS_EACH;
      if (isNew) count(await ledger.create(name, wish, `key of ${name}`));
      const id = ledger.entries.find((entry) => entry.name === name)?.id ?? null;
      await look(id ?? 1);
      if (id === null || !isNew) continue;
      count(await ledger.update(id, { ...wish, env: { GREETING: name } }));
      await look(id);
      if (made % 2 === 1) count(await ledger.delete(id));
    }
  }

  const load = { counts: () => counts };
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
  try {
    await action(load);
  } finally {
    isStopping = true;
    await Promise.all(clients);
  }
  return load;
}
