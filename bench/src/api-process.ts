// Forked by api.ts: the API with a part exchanged that no variable exchanges.
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { buildApp } from '../../server/src/app.ts';
import { configRead } from '../../server/src/config.ts';
import { type DatabaseLocation, databaseOpen } from '../../server/src/db/database.ts';
import { usageRecorderCreate } from '../../server/src/http/usage.ts';
import { mailSignalCreate } from '../../server/src/mail/signal.ts';
import { metricsCreate } from '../../server/src/metrics.ts';
import { workSignalCreate } from '../../server/src/reconciler/work-signal.ts';
import { secretBoxCreate } from '../../server/src/secrets.ts';
import { systemClock, systemRandom } from '../../server/src/system.ts';

interface Given {
  location: DatabaseLocation;
  isTelling: boolean;
}

const { location, isTelling } = JSON.parse(process.argv[2] ?? '') as Given;
const metrics = metricsCreate();
const db = databaseOpen(location, { onStatement: () => metrics.databaseStatements.inc() });
const signal = workSignalCreate(db, systemRandom);
const log = pino({ level: 'warn' });
const { server } = await buildApp({
  config: configRead({ RATE_LIMIT_PER_MINUTE: '10000000' }),
  db,
  clock: systemClock,
  random: systemRandom,
  secrets: secretBoxCreate('a key of the bench, of no use elsewhere'),
  signal: isTelling ? signal : { ...signal, notify() {} },
  metrics,
  usage: usageRecorderCreate(db, systemClock, log),
  mail: mailSignalCreate(),
  log,
});
await server.listen({ port: 0, host: 'localhost' });
process.send?.((server.server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
