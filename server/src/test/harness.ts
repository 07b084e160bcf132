import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { pino } from 'pino';
import { browserSecretMake, cookieSet } from '../accounts/session-cookie.ts';
import { sessionCreate } from '../accounts/session-store.ts';
import { type App, buildApp } from '../app.ts';
import { configRead } from '../config.ts';
import { type Db, databaseOpen } from '../db/database.ts';
import type { Role, TokenScope } from '../db/types.ts';
import type { ApiDeps, Clock } from '../deps.ts';
import { usageRecorderCreate } from '../http/usage.ts';
import { mailSignalCreate } from '../mail/signal.ts';
import { metricsCreate } from '../metrics.ts';
import { memberAdd, orgCreate } from '../orgs/create.ts';
import { workSignalCreate } from '../reconciler/work-signal.ts';
import { secretBoxCreate } from '../secrets.ts';
import { systemRandom } from '../system.ts';
import { tokenCreate } from '../tokens/store.ts';
import { userCreate } from '../users/store.ts';
import { type Browser, browserOpen } from './browser.ts';
import { type Client, clientCreate } from './http-client.ts';
import { MIGRATED_DATABASE } from './database-template.ts';

/** Time stands still until a test moves it on. */
interface TestClock extends Clock {
  advance(ms: number): void;
}

/** One API process' worth: an app that listens, with a pool of its own. */
export interface TestApp {
  origin: string;
  app: App;
  deps: ApiDeps;
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

/** Someone who calls, in an org of their own. */
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

/** The real app on a real database of its own, without an engine. */
export interface Harness extends TestApp {
  db: Db;
  databaseUrl: string;
  clock: TestClock;
  /** All that was logged so far, at the level trace. */
  logText(): string;
  /** Another app on the same database and clock. @param more variables that differ from the first one's. */
  appAdd(more?: Record<string, string>): Promise<TestApp>;
  /** An app on another database that is migrated, on the same clock. */
  appOn(databaseUrl: string): Promise<TestApp>;
  userAdd(): Promise<number>;
  /** A new org, with a new owner unless one is given. */
  orgAdd(options?: { slug?: string; ownerId?: number; containerLimit?: number }): Promise<TestOrg>;
  memberAdd(org: TestOrg, userId: number, role: Role): Promise<void>;
  tokenAdd(userId: number, options?: TokenOptions): Promise<string>;
  /** A browser in which this user has just signed in, of the first app or another. */
  sessionAdd(userId: number, app?: TestApp): Promise<Browser>;
  /** A user with this role in a new org, with a write token. */
  callerAdd(options?: { role?: Role; containerLimit?: number }): Promise<TestCaller>;
}

/** @param environment variables that differ from a plain start. */
export async function harnessOpen(environment: Record<string, string> = {}): Promise<Harness> {
  const database = await databaseCreate(MIGRATED_DATABASE);
  const clock = testClockCreate();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const appOpen = (url: string, more: Record<string, string> = {}) =>
    testAppOpen(url, { clock, log, environment: { ...environment, ...more } });
  const first = await appOpen(database.url);
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
      return userCreate(db, { email, name: '', passwordHash: '', now: clock.now() });
    },
    async orgAdd(options = {}) {
      const ownerId = options.ownerId ?? (await people.userAdd());
      const slug = options.slug ?? `org-${(serial += 1)}`;
      const input = { slug, name: slug, ownerId, now: clock.now(), allowWeakIsolation: true };
      const id = await db.transaction().execute((trx) => orgCreate(trx, input));
      const limit = options.containerLimit ?? 1000;
      await db.updateTable('orgs').set({ container_limit: limit }).where('id', '=', id).execute();
      return { id, slug, ownerId };
    },
    memberAdd: (org, userId, role) =>
      db.transaction().execute((trx) => memberAdd(trx, org.id, userId, role, clock.now())),
    async tokenAdd(userId, { scope = 'write', orgId = null, expiresAt = null } = {}) {
      const input = { userId, name: 'test', scope, orgId, expiresAt };
      return (await tokenCreate(db, first.deps, input)).token;
    },
  };

  return {
    ...first,
    ...people,
    db,
    databaseUrl: database.url,
    clock,
    logText: () => lines.join(''),
    appAdd: (more) => appOn(database.url, more),
    appOn,
    async sessionAdd(userId, app = first) {
      const { config, random } = first.deps;
      const secret = browserSecretMake(random);
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

async function testAppOpen(
  databaseUrl: string,
  given: Pick<ApiDeps, 'clock' | 'log'> & { environment: Record<string, string> },
): Promise<TestApp> {
  const metrics = metricsCreate();
  const db = databaseOpen(
    { connectionString: databaseUrl },
    {
      onStatement: () => metrics.databaseStatements.inc(),
      onConnectionLost: () => metrics.databaseConnectionsLost.inc(),
    },
  );
  const deps: ApiDeps = {
    config: configRead({
      ENGINE: 'fake',
      PUBLIC_URL: 'https://panel.example/base',
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...given.environment,
    }),
    db,
    clock: given.clock,
    random: systemRandom,
    secrets: secretBoxCreate('a key for tests only, of no use elsewhere'),
    signal: workSignalCreate(db, systemRandom),
    metrics,
    usage: usageRecorderCreate(db, given.clock, given.log),
    mail: mailSignalCreate(),
    log: given.log,
  };
  const app: App = await buildApp(deps);
  await app.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  return {
    origin,
    app,
    deps,
    agent,
    client: (token) => clientCreate(origin, agent, token),
    browser: () =>
      browserOpen({ origin, agent, publicOrigin: new URL(deps.config.publicUrl).origin }),
    async close() {
      agent.destroy();
      await app.close();
      await db.destroy();
    },
  };
}
