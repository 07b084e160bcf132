// Forked by api.ts: the API with components replaced that no variable replaces.
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { appCreate } from '../../server/src/app.ts';
import { configRead } from '../../server/src/base/config.ts';
import { databaseClockOpen } from '../../server/src/db/database-clock.ts';
import { type DatabaseLocation, databaseOpen } from '../../server/src/db/database.ts';
import { engineReach } from '../../server/src/engine/engine-open.ts';
import { eventFeedCreate } from '../../server/src/feed/feed.ts';
import { usageRecorderCreate } from '../../server/src/http/usage.ts';
import { mailSignalCreate } from '../../server/src/mail/signal.ts';
import { metricsCreate } from '../../server/src/base/metrics.ts';
import { EVENT_CHANNEL, workSignalCreate } from '../../server/src/reconciler/work-signal.ts';
import { secretBoxCreate } from '../../server/src/base/secrets.ts';
import { systemRandom } from '../../server/src/base/system.ts';
import type { ApiOptions } from './api.ts';

interface Given extends ApiOptions {
  location: DatabaseLocation;
  installationId: string;
}

const given = JSON.parse(process.argv[2] ?? '') as Given;
const { location, isTelling } = given;
const metrics = metricsCreate();
const db = databaseOpen(location, { onStatement: () => metrics.databaseStatements.inc() });
const clock = await databaseClockOpen(db);
const signal = workSignalCreate(db, systemRandom);
const log = pino({ level: 'warn' });
const { DOCKER_HOST } = process.env;
const config = configRead({
  RATE_LIMIT_PER_MINUTE: '10000000',
  ...(DOCKER_HOST !== undefined && { DOCKER_HOST }),
  ...(given.engine === undefined ? { ENGINE: 'fake' } : { ENGINE: given.engine }),
});
const events = eventFeedCreate({ db, location, clock, log, metrics });
if (given.isLimited === false) events.places = { take: () => null, release() {} };
const engine = await engineReach(config, given.installationId, { db, clock });
const { server } = await appCreate({
  config,
  db,
  clock,
  random: systemRandom,
  secrets: secretBoxCreate('a key of the bench, of no use elsewhere'),
  signal: isTelling ? signal : { ...signal, notify() {} },
  eventSignal: isTelling ? workSignalCreate(db, systemRandom, EVENT_CHANNEL) : { notify() {} },
  events,
  access: engine?.access ?? null,
  credentials: null,
  workloads: null,
  metrics,
  usage: usageRecorderCreate(db, clock, log),
  mail: mailSignalCreate(),
  log,
});
await server.listen({ port: 0, host: 'localhost' });
process.send?.((server.server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
