import { type ClientOptions, type Container, dollarboxClientCreate } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import type { ServerProcess } from './server-process.ts';

/** What a client writes about a container. */
export type Wish = Pick<Container, 'image'> &
  Partial<Pick<Container, 'env' | 'command' | 'volumes' | 'stop_grace_seconds'>>;

/** One container as its client knows it. */
export interface LedgerEntry {
  /** null if the reply to its POST was lost. */
  id: number | null;
  name: string;
  /** The last write that was acknowledged; null if none was. */
  acknowledged: Wish | null;
  /** Writes sent since then without a reply: each may have happened or not. */
  unanswered: Wish[];
  deleted: 'no' | 'maybe' | 'yes';
}

/** A reply, or null if there was none. */
export type Outcome = { status: number; body: unknown; retryAfter: string | null } | null;

/**
 * Sends writes and records what was acknowledged, which must still be present after any fault. A reply other than 2xx
 * promises that nothing happened, except for 503, which promises nothing. The values of variables become canaries.
 */
export interface Ledger {
  entries: readonly LedgerEntry[];
  /** X-Request-Id of every acknowledged write that certainly changed something. */
  requestIds: readonly string[];
  /** @throws if no container of this name is known to exist. */
  idOf(name: string): number;
  /** @param key an Idempotency-Key, under which a lost POST may be sent again. */
  create(name: string, asked: Wish, key?: string): Promise<Outcome>;
  update(id: number, asked: Wish): Promise<Outcome>;
  delete(id: number): Promise<Outcome>;
  read(id: number): Promise<Outcome>;
  /** The same ledger, but through another server or in another org. */
  through(server: Pick<ServerProcess, 'url'>, org?: string): Ledger;
}

/** @param server whose address and token are used; it may be down at times. */
export function ledgerOpen({ url, token }: Pick<ServerProcess, 'url' | 'token'>): Ledger {
  return ledgerThrough({ baseUrl: url, token, org: 'main' }, [], []);
}

/** Values of variables are secrets, which are looked for wherever they must not be. */
function secretsIn({ env, ...wish }: Wish): Wish {
  if (env === undefined) return wish;
  const entries = Object.entries(env).map(([key, value]) => [key, canaryOf(value)]);
  return { ...wish, env: Object.fromEntries(entries) as Record<string, string> };
}

function ledgerThrough(
  options: ClientOptions & { org: string },
  entries: LedgerEntry[],
  requestIds: string[],
): Ledger {
  const client = dollarboxClientCreate({ ...options, retries: 0 });

  async function send(
    call: Promise<{ response: Response; data?: unknown }>,
    isNew: boolean,
  ): Promise<Outcome> {
    try {
      const { response, data } = await call;
      if (response.ok && isNew && response.headers.get('idempotency-replayed') === null) {
        requestIds.push(response.headers.get('x-request-id') ?? '');
      }
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, body: data, retryAfter };
    } catch {
      return null;
    }
  }

  function entryOf(id: number): LedgerEntry {
    const entry = entries.find((each) => each.id === id);
    if (entry === undefined) throw new Error(`container ${id} was not made through this ledger`);
    return entry;
  }

  /** Whether it may have happened although it was not acknowledged. */
  const isUnknown = (outcome: Outcome): boolean => outcome === null || outcome.status === 503;
  const isOk = (outcome: Outcome): boolean => outcome !== null && outcome.status < 300;

  return {
    entries,
    requestIds,
    idOf(name) {
      const id = entries.find((each) => each.name === name && each.deleted !== 'yes')?.id;
      if (id === undefined || id === null) throw new Error(`nobody was told of a ${name}`);
      return id;
    },
    async create(name, asked, key) {
      const wish = secretsIn(asked);
      const headers = key === undefined ? {} : { 'Idempotency-Key': key };
      const call = client.POST('/containers/', { body: { name, ...wish }, headers });
      const outcome = await send(call, true);
      const id = outcome !== null && isOk(outcome) ? (outcome.body as Container).id : null;
      // The reply to a repeated request contains nothing new.
      if (id !== null && entries.some((each) => each.id === id)) return outcome;
      const live = entries.filter((each) => each.name === name && each.deleted === 'no');
      const isRepeat = key !== undefined && live.some((each) => each.id !== null);
      if (isRepeat || (id === null && !isUnknown(outcome))) return outcome;
      const lost = live.find((each) => each.id === null);
      const entry = lost ?? entryCreate(name);
      if (lost === undefined) entries.push(entry);
      if (id === null) entry.unanswered.push(wish);
      else Object.assign(entry, { id, acknowledged: wish, unanswered: [] });
      return outcome;
    },
    async update(id, asked) {
      const wish = secretsIn(asked);
      const entry = entryOf(id);
      const params = { path: { id } };
      const isNew =
        entry.unanswered.length === 0 &&
        JSON.stringify(wish) !== JSON.stringify(entry.acknowledged);
      const call = client.PATCH('/containers/{id}/', { params, body: wish });
      const outcome = await send(call, isNew);
      if (isOk(outcome)) {
        entry.acknowledged = wish;
        entry.unanswered = [];
      } else if (isUnknown(outcome)) {
        entry.unanswered.push(wish);
      }
      return outcome;
    },
    async delete(id) {
      const entry = entryOf(id);
      const call = client.DELETE('/containers/{id}/', { params: { path: { id } } });
      const outcome = await send(call, true);
      // Not found: an earlier deletion had succeeded.
      if (isOk(outcome) || outcome?.status === 404) entry.deleted = 'yes';
      else if (isUnknown(outcome)) entry.deleted = entry.deleted === 'yes' ? 'yes' : 'maybe';
      return outcome;
    },
    read: (id) => send(client.GET('/containers/{id}/', { params: { path: { id } } }), false),
    through: ({ url }, org = options.org) =>
      ledgerThrough({ ...options, baseUrl: url, org }, entries, requestIds),
  };
}

function entryCreate(name: string): LedgerEntry {
  return { id: null, name, acknowledged: null, unanswered: [], deleted: 'no' };
}

/** How the API's state breaks what was promised, one sentence each; empty if every promise was kept. */
export function ledgerFaults(
  entries: readonly LedgerEntry[],
  shown: ReadonlyMap<number, Container>,
): string[] {
  const faults: string[] = [];
  const byName = new Map([...shown.values()].map((each) => [each.name, each]));
  const strangers = new Map(shown);
  for (const { id, name, acknowledged, unanswered, deleted } of entries) {
    const found = id === null ? byName.get(name) : shown.get(id);
    if (found !== undefined) strangers.delete(found.id);
    if (found === undefined) {
      if (acknowledged !== null && deleted === 'no') faults.push(`${name} (${id}) was lost`);
      continue;
    }
    if (deleted === 'yes') {
      if (id !== null)
        faults.push(`${name} (${id}) is there, though its deletion was acknowledged`);
      continue;
    }
    const possible = [...(acknowledged === null ? [] : [acknowledged]), ...unanswered];
    if (possible.some((wish) => isGranted(wish, found))) continue;
    faults.push(
      `${name} (${found.id}) is ${JSON.stringify(wishOf(found))}, not one of ${JSON.stringify(possible)}`,
    );
  }
  for (const { id, name } of strangers.values()) faults.push(`nobody asked for ${name} (${id})`);
  return faults;
}

function wishOf({ image, env, command, volumes, stop_grace_seconds }: Container): Wish {
  return { image, env, command, volumes, stop_grace_seconds };
}

function isGranted(wish: Wish, found: Container): boolean {
  return (
    wish.image === found.image &&
    (wish.env === undefined || JSON.stringify(wish.env) === JSON.stringify(found.env)) &&
    (wish.command === undefined ||
      JSON.stringify(wish.command) === JSON.stringify(found.command)) &&
    (wish.volumes === undefined || mountsText(wish.volumes) === mountsText(found.volumes)) &&
    (wish.stop_grace_seconds === undefined || wish.stop_grace_seconds === found.stop_grace_seconds)
  );
}

function mountsText(mounts: Container['volumes']): string {
  return JSON.stringify(mounts.map((mount) => [mount.volume, mount.mount_path]));
}
