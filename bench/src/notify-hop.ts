import { once } from 'node:events';
import pg from 'pg';
import type { BenchServer } from './server.ts';

const CHANNEL = 'bench_hop';

/** A NOTIFY from one connection to another. */
export async function rawHopOpen({ location }: BenchServer) {
  const [sender, receiver] = [new pg.Client(location), new pg.Client(location)];
  await sender.connect();
  await receiver.connect();
  await receiver.query(`listen ${CHANNEL}`);
  return {
    async hop(): Promise<number> {
      const heard = once(receiver, 'notification');
      const start = performance.now();
      const sent = sender.query(`notify ${CHANNEL}`);
      await heard;
      const tookMs = performance.now() - start;
      await sent;
      return tookMs;
    },
    async close() {
      await sender.end();
      await receiver.end();
    },
  };
}
