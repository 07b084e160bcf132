/** Time for the fake engine: either virtual, moved by a test, or the machine's own. */

export interface FakeClock {
  now(): Date;
  /** Runs `work` after `delayMs`. Returns a function that cancels it. */
  schedule(delayMs: number, work: () => void): () => void;
}

export interface VirtualClock extends FakeClock {
  /** Advances time and runs what falls due, in order, with everything that follows from it. */
  advance(ms: number): Promise<void>;
  /** Milliseconds until the next timer falls due; null if nothing is scheduled. */
  nextDueMs(): number | null;
}

interface Timer {
  dueMs: number;
  /** Timers with the same time run in the order in which they were scheduled. */
  order: number;
  work: (() => void) | null;
}

function before(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** A binary heap, because ten thousand containers in a crash loop have as many timers. */
function timerPush(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Timer;
    if (!before(timer, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = timer;
}

function timerPop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) {
      child += 1;
    }
    const below = heap[child] as Timer;
    if (!before(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}

/** Lets every promise that can settle do so, with everything that follows from it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * @param startMs Milliseconds since 1970 that the clock shows at first.
 * @param settled Resolves once nothing more can happen at this moment; time stands still until then.
 */
export function virtualClock(
  startMs = Date.UTC(2030, 0, 1),
  settled: () => Promise<void> = settle,
): VirtualClock {
  const heap: Timer[] = [];
  let nowMs = startMs;
  let order = 0;
  function next(): Timer | undefined {
    while (heap[0]?.work === null) timerPop(heap);
    return heap[0];
  }
  return {
    now: () => new Date(nowMs),
    schedule(delayMs, work) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order: (order += 1), work };
      timerPush(heap, timer);
      return () => {
        timer.work = null;
      };
    },
    async advance(ms) {
      const targetMs = nowMs + ms;
      await settled();
      for (let timer = next(); timer && timer.dueMs <= targetMs; timer = next()) {
        timerPop(heap);
        nowMs = timer.dueMs;
        timer.work?.();
        await settled();
      }
      nowMs = targetMs;
    },
    nextDueMs() {
      const timer = next();
      return timer === undefined ? null : timer.dueMs - nowMs;
    },
  };
}

/** The machine's own time, for benches and for a server that runs with the fake engine. */
export function systemFakeClock(): FakeClock {
  return {
    now: () => new Date(),
    schedule(delayMs, work) {
      const timer = setTimeout(work, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
