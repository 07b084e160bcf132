import { logsFollow, unwrap } from '@dollarbox/client';
import { imagesBuild } from '@dollarbox/testbed/images';
import { apiOpen } from './api.ts';
import { containerRunning, containersDelete } from './containers.ts';
import { docker, engineContainer, engineEmpty, installationRemove } from './docker.ts';
import { engineLinesFollow, startsFollow } from './engine-lines.ts';
import { logReadersOpen } from './log-readers.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { rssBytes } from './process-usage.ts';
import { type Result, limit, measured } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median } from './statistics.ts';

const STARTS = 40;
const LINES = 300;
const ALLOWED_MS = 10;

const FOLLOWERS = 100;
const FLOOD_LINES = 30_000;
/** A hundred lines, ten times a second: the shell takes some of the time for itself. */
const FLOOD = `count=0
  while [ "$count" -lt ${FLOOD_LINES} ]; do
    end=$((count + 100))
    while [ "$count" -lt "$end" ]; do count=$((count + 1)); echo "line $count"; done
    sleep 0.085
  done
  sleep 100000`;
const ALLOWED_MIB = 64;
const MIB = 1024 ** 2;

/** P10: how soon a line reaches a follower of the API and one of the engine, and a hundred followers of a fast log. */
export async function logsBench(): Promise<Result[]> {
  const images = await imagesBuild(docker);
  const server = await serverOpen({ ENGINE: 'docker', ALLOWED_LOCAL_IMAGES: images.shell });
  try {
    const [org] = await orgsCreate(server, 1, 1000);
    if (org === undefined) throw new Error('no org was made');
    return [
      await firstLineBench(server, org, images.shell),
      await nextLineBench(server, org, images.shell),
      ...(await followersBench(server, org, images.shell)),
    ];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}

/** Wall-clock time with fractions of a millisecond, to be compared with the engine's. */
const nowMs = (): number => performance.timeOrigin + performance.now();

/** How long after its time on the engine a line arrived, in milliseconds. */
const lateMs = (at: string): number => nowMs() - timeOf(at);

/** @param at RFC 3339 with nanoseconds. */
function timeOf(at: string): number {
  const [seconds = '', fraction = '0'] = at.replace('Z', '').split('.');
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}

async function shellRun({ client }: BenchOrg, name: string, image: string, script: string) {
  const command = ['/bin/sh', '-c', script];
  return unwrap(
    client.POST('/containers/', { body: { name, image, command, stop_grace_seconds: 1 } }),
  );
}

function lineResult(what: string, ours: readonly number[], raw: readonly number[]): Result {
  const [own, engine] = [median(ours), median(raw)];
  return {
    id: 'P10',
    what,
    ours: measured(own, 'ms'),
    raw: measured(engine, 'ms'),
    ratio: '',
    goal: `≤ raw + ${ALLOWED_MS} ms`,
    isReached: own <= engine + ALLOWED_MS,
  };
}

/** The first line of a process, for those who waited for it: through the API, and as soon as the engine reports the start. */
async function firstLineBench(server: BenchServer, org: BenchOrg, image: string): Promise<Result> {
  const ours: number[] = [];
  const raw: number[] = [];
  const starts = await startsFollow(server);
  for (let start = 0; start < STARTS; start += 1) {
    const made = await shellRun(org, `first-${start}`, image, 'echo first; sleep 100000');
    const engine = (async () => {
      for await (const { at } of engineLinesFollow(await starts.ref(made.id))) {
        raw.push(lateMs(at));
        return;
      }
    })();
    for await (const { at } of logsFollow(org.client, made.id)) {
      ours.push(lateMs(at ?? ''));
      break;
    }
    await engine;
    await containersDelete(org.client, [made.id]);
    await engineEmpty(server);
  }
  starts.close();
  return lineResult('first log line of a process → follower, p50', ours, raw);
}

/** A line of a running process, for two who follow it at the same time. */
async function nextLineBench(server: BenchServer, org: BenchOrg, image: string): Promise<Result> {
  const script = 'while :; do echo next; sleep 0.05; done';
  const { id } = await shellRun(org, 'next', image, script);
  await containerRunning(org.client, id);
  const ours: number[] = [];
  const raw: number[] = [];
  const { Id: ref } = await engineContainer(server, id);
  const engine = (async () => {
    for await (const { at } of engineLinesFollow(ref, { tail: 0 })) {
      raw.push(lateMs(at));
      if (raw.length === LINES) return;
    }
  })();
  for await (const row of logsFollow(org.client, id, { tail: 0 })) {
    ours.push(lateMs(row.at ?? ''));
    if (ours.length === LINES) break;
  }
  await engine;
  await containersDelete(org.client, [id]);
  await engineEmpty(server);
  return lineResult('log line of a running process → follower, p50', ours, raw);
}

/** A hundred followers of one container in one process, whose limit of them is lifted. */
async function followersBench(
  server: BenchServer,
  org: BenchOrg,
  image: string,
): Promise<Result[]> {
  const api = await apiOpen(server, { isTelling: true, isLimited: false, engine: 'docker' });
  const readers = logReadersOpen();
  try {
    const { id } = await shellRun(org, 'flood', image, FLOOD);
    const path = `/api/v1/containers/${id}/logs/?tail=1000`;
    await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${org.token}` } });
    const before = rssBytes(api.pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, rssBytes(api.pid))), 50);
    const found = await readers.run({
      ...{ url: api.url, path, token: org.token, followers: FOLLOWERS, last: FLOOD_LINES },
    });
    clearInterval(watch);
    const what = `${FOLLOWERS} followers of ${Math.round(found.linesPerSecond)} lines/s`;
    await containersDelete(org.client, [id]);
    await engineEmpty(server);
    return [
      limit('P10', `${what}: lines that one of them missed or saw twice`, found.wrong, '', 0),
      limit('P10', `${what}: growth of RSS`, (most - before) / MIB, 'MiB', ALLOWED_MIB),
    ];
  } finally {
    readers.close();
    api.close();
  }
}
