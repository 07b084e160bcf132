import { eventsFollow } from '@dollarbox/client';
import { workSignalCreate, EVENT_CHANNEL } from '../../server/src/reconciler/work-signal.ts';
// What is between a commit and its event is not visible at any URL: the change is made by SQL, and announced as the
// product does it.
import { databaseOpen } from '../../server/src/db/database.ts';
import { systemRandom } from '../../server/src/base/system.ts';
import { rawHopOpen } from './notify-hop.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { serverOpen } from './server.ts';
import { median } from './statistics.ts';
import { waitersBench } from './waiters.ts';
import { setTimeout as delay } from 'node:timers/promises';

const ROUNDS = 5;
const HOPS = 60;
/** Longer than notifications are held back to be combined. */
const PAUSE_MS = 10;

/** P11: how soon after a commit a client that follows events has the event, and what a thousand waiting requests cost. */
export async function eventsBench(): Promise<Result[]> {
  return [await eventHopBench(), ...(await waitersBench())];
}

async function eventHopBench(): Promise<Result> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const db = databaseOpen(server.location);
  const giveUp = new AbortController();
  try {
    const [org] = await orgsCreate(server, 1, 1000);
    if (org === undefined) throw new Error('no org was made');
    const signal = workSignalCreate(db, systemRandom, EVENT_CHANNEL);
    const connected = Promise.withResolvers<void>();
    let heard = Promise.withResolvers<number>();
    const options = { org: org.slug, signal: giveUp.signal, onConnect: connected.resolve };
    const following = (async () => {
      for await (const event of eventsFollow(org.client, options)) {
        if (event.type === 'org.updated') heard.resolve(performance.now());
      }
    })();
    following.catch(() => undefined);
    await connected.promise;
    const raw = await rawHopOpen(server);
    const tookMs = { ours: [] as number[], raw: [] as number[] };
    for (let hop = 0; hop < ROUNDS * HOPS; hop += 1) {
      // Both begin with processes that have been idle.
      await delay(PAUSE_MS);
      tookMs.raw.push(await raw.hop());
      heard = Promise.withResolvers();
      await delay(PAUSE_MS);
      await db
        .updateTable('orgs')
        .set({ name: `Hop ${hop}` })
        .where('id', '=', org.id)
        .execute();
      const committedAt = performance.now();
      signal.notify();
      tookMs.ours.push((await heard.promise) - committedAt);
    }
    await raw.close();
    return compare({
      id: 'P11',
      what: 'event after its commit → client of the event stream, p50',
      ours: median(tookMs.ours),
      raw: median(tookMs.raw),
      unit: 'ms',
      goal: { atMost: 3 },
    });
  } finally {
    giveUp.abort();
    await db.destroy();
    await server.close();
  }
}
