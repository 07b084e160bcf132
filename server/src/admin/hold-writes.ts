import { sql } from 'kysely';
import type { Trx } from '../http/write.ts';

/**
 * Waits for the API's writes in flight, and lets no new one begin before the command commits; reads go on. To be
 * called first in the transaction. An update of the row alone would wait for the writes that hold it `for share`, but
 * those let each other in past whoever waits to change it: a client that keeps writing could not be stopped.
 */
export async function writesHold(trx: Trx, table: 'tokens' | 'users'): Promise<void> {
  await sql`lock table ${sql.table(table)} in exclusive mode`.execute(trx);
}
