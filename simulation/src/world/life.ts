import type { VirtualClock } from '@dollarbox/engines/fake/clock';

/** What hits a process at one of its next calls. */
type Blow =
  | { do: 'die'; /** The call still has its effect. */ isSent: boolean }
  | { do: 'stall'; forMs: number };

/** Whether a simulated process runs, is stalled or is dead. Nothing in it proceeds unless it runs. */
export interface Life {
  isAlive(): boolean;
  runs(): boolean;
  /** How long it has been stalled in all, in milliseconds. */
  stalledMs(): number;
  die(): void;
  /** Stalls the process, as SIGSTOP does. Calls that it has already sent continue. */
  stall(forMs: number): void;
  /** Resumes at once, and cancels all further blows. */
  spare(): void;
  /** Makes the blow hit at the `atCall`-th call from now. */
  arm(atCall: number, blow: Blow): void;
  /**
   * Makes a call to the outside. Its effect no longer depends on the process; its result only reaches a process that
   * still runs.
   * @param delayMs range of the delay in each direction.
   */
  call<T>(effect: () => Promise<T>, delayMs?: readonly [number, number]): Promise<T>;
  /** Resolves when the process runs; never if it is dead. */
  running(): Promise<void>;
  /** Runs `work` after a delay if the process is still alive then, and only while it runs. */
  after(delayMs: number, work: () => void): () => void;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** @param died called once. */
export function lifeCreate(clock: VirtualClock, died: () => void): Life {
  let isAlive = true;
  let cancelResume: (() => void) | null = null;
  let stalledSinceMs = 0;
  let stalledMs = 0;
  let waiting: (() => void)[] = [];
  let fuses: { left: number; blow: Blow }[] = [];

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.schedule(ms, resolve));
  }

  function nowMs(): number {
    return clock.now().getTime();
  }

  function resume(): void {
    if (cancelResume !== null) stalledMs += nowMs() - stalledSinceMs;
    cancelResume?.();
    cancelResume = null;
    const ready = waiting;
    waiting = [];
    for (const each of ready) each();
  }

  async function running(): Promise<void> {
    while (cancelResume !== null) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (!isAlive) await never();
  }

  function die(): void {
    if (!isAlive) return;
    isAlive = false;
    cancelResume?.();
    cancelResume = null;
    waiting = [];
    died();
  }

  function stall(forMs: number): void {
    if (!isAlive) return;
    if (cancelResume === null) stalledSinceMs = nowMs();
    cancelResume?.();
    cancelResume = clock.schedule(forMs, resume);
  }

  function struck(): Blow | null {
    let hit: Blow | null = null;
    for (const fuse of fuses) {
      fuse.left -= 1;
      if (fuse.left === 0) hit = fuse.blow;
    }
    if (hit !== null) fuses = fuses.filter((fuse) => fuse.left > 0);
    return hit;
  }

  return {
    isAlive: () => isAlive,
    runs: () => isAlive && cancelResume === null,
    stalledMs: () => stalledMs + (cancelResume === null ? 0 : nowMs() - stalledSinceMs),
    die,
    stall,
    spare() {
      fuses = [];
      resume();
    },
    running,
    arm(atCall, blow) {
      fuses.push({ left: atCall, blow });
    },
    async call(effect, [toMs, fromMs] = [0, 0]) {
      if (!isAlive) return never();
      const blow = struck();
      if (blow?.do === 'die') {
        die();
        if (!blow.isSent) return never();
      }
      if (blow?.do === 'stall') stall(blow.forMs);
      if (toMs > 0) await sleep(toMs);
      try {
        return await effect();
      } finally {
        if (fromMs > 0) await sleep(fromMs);
        if (cancelResume !== null || !isAlive) await running();
      }
    },
    after(delayMs, work) {
      return clock.schedule(delayMs, () => {
        if (!isAlive) return;
        if (cancelResume === null) work();
        else waiting.push(work);
      });
    },
  };
}
