import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineAccess, LogLine, LogPart } from '@dollarbox/engines/contract';
import { streamFormatOf } from '../http/stream.ts';
import { followerCreate } from './follower.ts';
import { type LogHubs, logHubsCreate } from './hub.ts';
import type { LogRow } from './schema.ts';
import type { InstanceRow } from './store.ts';

const FORMAT = streamFormatOf('application/x-ndjson') ?? assert.fail();
const INSTANCE: InstanceRow = {
  ...{ number: 1, object: 1, ref: 'ref-1', startedAt: new Date(0) },
  ...{ isKept: false, hasLines: false, lostLines: null, isCutOff: false },
};

/** An engine with one container, that keeps a number of lines only. */
function engineOf(keptLines: number) {
  let lines: LogLine[] = [];
  let written = 0;
  let told = () => {};
  /** How many lines the stream has taken. */
  let followed = 0;
  let readings = 0;
  const behind = (after: string | null): LogPart => {
    const from = after === null ? 0 : Number(after) + 1;
    const found = lines.filter(({ position }) => Number(position) >= from);
    return Number(lines[0]?.position ?? 0) > from
      ? { lines: found, hasGap: true }
      : { lines: found };
  };
  const access: Pick<EngineAccess, 'lines' | 'follow'> = {
    async *lines(_ref, { after, tail }) {
      readings += 1;
      yield tail === undefined ? behind(after ?? null) : { lines: lines.slice(-tail) };
    },
    async *follow(_ref, { after }, signal) {
      let position = after;
      while (!signal.aborted) {
        const part = behind(position);
        position = part.lines.at(-1)?.position ?? position;
        if (part.lines.length > 0) yield part;
        followed = Number(position ?? -1) + 1;
        if (part.lines.length > 0) continue;
        await new Promise<void>((resolve) => (told = resolve));
      }
    },
  };
  return {
    access: access as EngineAccess,
    /** How often lines were read other than from the stream. */
    readings: () => readings,
    /** Writes lines, and waits until the stream has them. */
    async write(count: number, atMs = 1000) {
      const at = new Date(atMs).toISOString();
      const added = Array.from({ length: count }, (_, index): LogLine => {
        const position = String(written + index);
        return { position, at, stream: 'stdout', text: `line ${position}`, isCut: false };
      });
      written += count;
      lines = [...lines, ...added].slice(-keptLines);
      told();
    },
    async taken() {
      while (followed < written) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

type TestEngine = ReturnType<typeof engineOf>;

/** @param ageMs since when the process runs: the log of a young one is followed from its beginning on. */
const hubsOf = ({ access }: TestEngine, ageMs: number): LogHubs =>
  logHubsCreate(access, { now: () => new Date(ageMs) });

/** @param hubs shared by the readers of one process. */
function readerOf({ access }: TestEngine, hubs: LogHubs) {
  const follower = followerCreate(
    {
      access,
      kept: { instances: async () => [INSTANCE], lines: async () => null },
      signal: new AbortController().signal,
      hubs,
      read: async () => ({ id: 1, orgId: 1, instances: [INSTANCE] }),
      wake() {},
    },
    null,
    FORMAT,
    null,
  );
  return {
    /** Everything that there is to read now. */
    async read(): Promise<LogRow[]> {
      let text = '';
      for (;;) {
        const step = await follower.next();
        text += step.text.toString();
        if (!step.hasMore && step.againMs === undefined) break;
      }
      const rows = text.split('\n').filter((row) => row !== '');
      return rows.map((row) => JSON.parse(row) as LogRow);
    },
    next: follower.next,
    close: follower.close,
  };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const textsOf = (rows: readonly LogRow[]) => rows.map(({ text }) => text);

for (const [age, ageMs] of [
  ['an old', 60_000],
  ['a young', 500],
] as const) {
  describe(`a reader of the log of ${age} process that writes fast`, () => {
    it('gets every line if the engine has them, however late it reads', async () => {
      const engine = engineOf(200_000);
      const reader = readerOf(engine, hubsOf(engine, ageMs));
      await engine.write(10);
      assert.deepEqual(textsOf(await reader.read()), numbers(0, 10));
      for (let second = 0; second < 10; second += 1) {
        await engine.write(10_000);
        await engine.taken();
      }
      assert.deepEqual(textsOf(await reader.read()), numbers(10, 100_010));
      reader.close();
    });

    it('finds a gap where the engine has lost lines, and nothing is held for it', async () => {
      const engine = engineOf(20_000);
      const reader = readerOf(engine, hubsOf(engine, ageMs));
      await engine.write(10);
      await reader.read();
      for (let second = 0; second < 10; second += 1) {
        await engine.write(10_000);
        await engine.taken();
      }
      const [gap, ...lines] = await reader.read();
      assert.deepEqual([gap?.type, gap?.lost_lines], ['gap', null]);
      assert.deepEqual(textsOf(lines), numbers(80_010, 100_010));
      await engine.write(1);
      await engine.taken();
      assert.deepEqual(textsOf(await reader.read()), ['line 100010']);
      reader.close();
    });

    it('is written the same bytes as the other readers', async () => {
      const engine = engineOf(1000);
      const hubs = hubsOf(engine, ageMs);
      await engine.write(10);
      const readers = [readerOf(engine, hubs), readerOf(engine, hubs)];
      for (const reader of readers) assert.deepEqual(textsOf(await reader.read()), numbers(0, 10));
      await engine.write(5);
      await engine.taken();
      const [first, second] = await Promise.all(readers.map((reader) => reader.next()));
      assert.ok(Buffer.isBuffer(first?.text));
      assert.equal(first.text, second?.text);
      assert.equal(first.text.toString().match(/line \d+/g)?.length, 5);
      for (const reader of readers) reader.close();
    });

    it('gets lines in their order while the clock goes back', async () => {
      const engine = engineOf(1000);
      const reader = readerOf(engine, hubsOf(engine, ageMs));
      await engine.write(5, 5000);
      await engine.write(5, 1000);
      assert.deepEqual(textsOf(await reader.read()), numbers(0, 10));
      await engine.write(5, 500);
      await engine.taken();
      assert.deepEqual(textsOf(await reader.read()), numbers(10, 15));
      reader.close();
    });
  });
}

it('the log of a young process is read once, whoever follows it', async () => {
  const engine = engineOf(1000);
  const hubs = hubsOf(engine, 500);
  await engine.write(10);
  for (const reader of [readerOf(engine, hubs), readerOf(engine, hubs)]) {
    assert.deepEqual(textsOf(await reader.read()), numbers(0, 10));
  }
  assert.equal(engine.readings(), 0);
});
