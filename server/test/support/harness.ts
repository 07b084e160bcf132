import { Agent } from 'node:http';
import type { EngineAccess } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { type FakeWorld, fakeWorldCreate } from '@dollarbox/engines/fake/world';
import type { AddressInfo } from 'node:net';
import { failureLogAdd } from '@dollarbox/testbed/failure-log';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { pino } from 'pino';
import { browserSecretCreate, cookieSet } from '../../src/sessions/session-cookie.ts';
import { sessionCreate } from '../../src/sessions/session-store.ts';
import { type App, appCreate } from '../../src/app.ts';
import { configRead } from '../../src/base/config.ts';
import { type DatabaseOptions, type Db, databaseOpen } from '../../src/db/database.ts';
import type { Role } from '../../src/db/types.ts';
import type { TokenScope } from '../../src/db/types-account.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import type { Clock } from '../../src/base/system.ts';
import { eventFeedCreate } from '../../src/feed/feed.ts';
import { usageRecorderCreate } from '../../src/http/usage.ts';
import { mailSignalCreate } from '../../src/mail/signal.ts';
import { metricsCreate } from '../../src/base/metrics.ts';
import { memberAdd } from '../../src/members/operations.ts';
import { OPERATOR } from '../../src/changes/actor.ts';
import { orgCreate } from '../../src/orgs/operations.ts';
import { EVENT_CHANNEL, workSignalCreate } from '../../src/reconciler/work-signal.ts';
import { secretBoxCreate } from '../../src/base/secrets.ts';
import { systemRandom } from '../../src/base/system.ts';
import { tokenInsert } from '../../src/tokens/store.ts';
import { userInsert } from '../../src/users/store.ts';
import { type Browser, browserOpen } from './browser.ts';
import { type Client, clientCreate } from './http-client.ts';
import { MIGRATED_DATABASE } from './database-template.ts';

/** Time stands still until a test advances it. */
interface TestClock extends Clock {
  advance(ms: number): void;
}

/** The equivalent of one API process: an app that listens, with a pool of its own. */
export interface TestApp {
  origin: string;
  app: App;
  deps: ApiDeps;
  /** Where its credentials for kubectl are, and what people run with them. */
  world: FakeWorld;
  agent: Agent;
  client(token: string | null): Client;
  /** A browser without cookies. */
  browser(): Browser;
  close(): Promise<void>;
}

export interface TestOrg {
  id: number;
  slug: string;
  ownerId: number;
}

/** A caller, in an org of their own. */
export interface TestCaller {
  org: TestOrg;
  userId: number;
  token: string;
  api: Client;
}

interface TokenOptions {
  scope?: TokenScope;
  orgId?: number | null;
  expiresAt?: Date | null;
}

/** The real app on a real database of its own, without an engine but for what one has of kubectl. */
export interface Harness extends TestApp {
  db: Db;
  databaseUrl: string;
  clock: TestClock;
  /** Everything logged so far, at the level trace. */
  logText(): string;
  /** Another app on the same database and clock. @param more variables that differ from the first app's. */
  appAdd(more?: Record<string, string>): Promise<TestApp>;
  /** An app on another database that is migrated, with the same clock. */
  appOn(databaseUrl: string): Promise<TestApp>;
  userAdd(): Promise<number>;
  /** A new org, with a new owner unless one is given. */
  orgAdd(options?: { slug?: string; ownerId?: number; containerLimit?: number }): Promise<TestOrg>;
  memberAdd(org: TestOrg, userId: number, role: Role): Promise<void>;
  tokenAdd(userId: number, options?: TokenOptions): Promise<string>;
  /** A browser in which this user has just signed in, to the first app or another. */
  sessionAdd(userId: number, app?: TestApp): Promise<Browser>;
  /** A user with this role in a new org, with a write token. */
  callerAdd(options?: { role?: Role; containerLimit?: number }): Promise<TestCaller>;
}

/**
 * @param environment variables that differ from a plain start.
 * @param database options of the connection pool.
 * @param access what users can see inside containers; omitted: no engine can be reached.
 * @param redisPatienceMs how long Redis is waited for; omitted: as long as the product does.
 */
export async function harnessOpen(
  environment: Record<string, string> = {},
  database: DatabaseOptions = {},
  access?: EngineAccess,
  redisPatienceMs?: number,
): Promise<Harness> {
  const { url } = await databaseCreate(MIGRATED_DATABASE);
  const clock = testClockCreate();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  failureLogAdd('the app', () => lines.join(''));
  const appOpen = (url: string, more: Record<string, string> = {}) =>
    testAppOpen(url, {
      ...{ clock, log, database, environment: { ...environment, ...more } },
      ...(access && { access }),
      ...(redisPatienceMs !== undefined && { redisPatienceMs }),
    });
  const first = await appOpen(url);
  const others: TestApp[] = [];
  async function appOn(url: string, more: Record<string, string> = {}): Promise<TestApp> {
    const app = await appOpen(url, more);
    others.push(app);
    return app;
  }
  const { db } = first.deps;
  let serial = 0;

  const people: Pick<Harness, 'userAdd' | 'orgAdd' | 'memberAdd' | 'tokenAdd'> = {
    userAdd() {
      const email = `user${(serial += 1)}@example.invalid`;
      return userInsert(db, { email, name: '', passwordHash: '', now: clock.now() });
    },
    async orgAdd(options = {}) {
      const ownerId = options.ownerId ?? (await people.userAdd());
      const slug = options.slug ?? `org-${(serial += 1)}`;
      const input = { slug, name: slug, ownerId, allowWeakIsolation: true };
      const { id } = await db
        .transaction()
        .execute((trx) => orgCreate(trx, OPERATOR, input, { clock }));
      const limit = options.containerLimit ?? 1000;
      await db.updateTable('orgs').set({ container_limit: limit }).where('id', '=', id).execute();
      return { id, slug, ownerId };
    },
    async memberAdd(org, userId, role) {
      const input = { orgId: org.id, userId, role };
      await db.transaction().execute((trx) => memberAdd(trx, OPERATOR, input, { clock }));
    },
    async tokenAdd(userId, { scope = 'write', orgId = null, expiresAt = null } = {}) {
      const input = { userId, name: 'test', scope, orgId, expiresAt };
      return (await tokenInsert(db, first.deps, input)).token;
    },
  };

  return {
    ...first,
    ...people,
    db,
    databaseUrl: url,
    clock,
    logText: () => lines.join(''),
    appAdd: (more) => appOn(url, more),
    appOn,
    async sessionAdd(userId, app = first) {
      const { config, random } = first.deps;
      const secret = browserSecretCreate(random);
      const row = { userId, tokenHash: secret.hash, now: clock.now() };
      await sessionCreate(db, { ...row, ipAddress: '192.0.2.1', userAgent: 'Test browser' });
      const browser = app.browser();
      browser.keep(cookieSet(config, 'session', secret.value, 60));
      return browser;
    },
    async callerAdd({ role = 'owner', containerLimit = 1000 } = {}) {
      const org = await people.orgAdd({ containerLimit });
      const userId = role === 'owner' ? org.ownerId : await people.userAdd();
      if (role !== 'owner') await people.memberAdd(org, userId, role);
      const token = await people.tokenAdd(userId);
      return { org, userId, token, api: first.client(token) };
    },
    async close() {
      await Promise.all(others.map((app) => app.close()));
      await first.close();
    },
  };
}

function testClockCreate(): TestClock {
  let now = Date.UTC(2026, 10, 24, 12);
  return {
    now: () => new Date(now),
    advance(ms) {
      now += ms;
    },
  };
}

function testWorldCreate(clock: Clock): FakeWorld {
  return fakeWorldCreate({ clock: { ...systemFakeClock(), ...clock }, seed: 1 });
}

async function testAppOpen(
  databaseUrl: string,
  given: Pick<ApiDeps, 'clock' | 'log' | 'redisPatienceMs'> & {
    access?: EngineAccess;
    environment: Record<string, string>;
    database?: DatabaseOptions;
  },
): Promise<TestApp> {
  const metrics = metricsCreate();
  const db = databaseOpen(
    { connectionString: databaseUrl },
    {
      ...given.database,
      onStatement: () => metrics.databaseStatements.inc(),
      onConnectionLost: () => metrics.databaseConnectionsLost.inc(),
    },
  );
  const world = testWorldCreate(given.clock);
  const engine = fakeEngineCreate(world, { installationId: 'aaaabbbbcccc' });
  const deps: ApiDeps = {
    config: configRead({
      ENGINE: 'fake',
      PUBLIC_URL: 'https://panel.example',
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...given.environment,
    }),
    db,
    clock: given.clock,
    random: systemRandom,
    secrets: secretBoxCreate('a key for tests only, of no use elsewhere'),
    signal: workSignalCreate(db, systemRandom),
    eventSignal: workSignalCreate(db, systemRandom, EVENT_CHANNEL),
    events: eventFeedCreate({
      ...{ ...given, db, metrics },
      location: { connectionString: databaseUrl },
    }),
    access: given.access ?? null,
    credentials: engine.credentials ?? null,
    workloads: engine.workloads ?? null,
    metrics,
    usage: usageRecorderCreate(db, given.clock, given.log),
    mail: mailSignalCreate(),
    log: given.log,
    ...(given.redisPatienceMs !== undefined && { redisPatienceMs: given.redisPatienceMs }),
  };
  const app: App = await appCreate(deps);
  await app.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  return {
    origin,
    app,
    deps,
    world,
    agent,
    client: (token) => clientCreate(origin, agent, token),
    browser: () =>
      browserOpen({ origin, agent, publicOrigin: new URL(deps.config.publicUrl).origin }),
    async close() {
      agent.destroy();
      await deps.events.close();
      await app.close();
      await db.destroy();
    },
  };
}
