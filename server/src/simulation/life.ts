import type { VirtualClock } from '@dollarbox/engines/fake/clock';

/** What strikes a process at one of its next calls. */
type Blow =
  | { do: 'die'; /** The call still has its effect. */ isSent: boolean }
  | { do: 'stall'; forMs: number };

/** Whether a pretended process runs, stands still or is dead: nothing in it goes on unless it runs. */
export interface Life {
  isAlive(): boolean;
  runs(): boolean;
  die(): void;
  /** Stands still, as by SIGSTOP; what it has sent goes on. */
  stall(forMs: number): void;
  /** Goes on at once, and is struck no more. */
  spare(): void;
  /** Strikes at the `atCall`-th call from now. */
  arm(atCall: number, blow: Blow): void;
  /**
   * Makes a call to the outside: its effect is not the process's any more, its result is only seen by
   * one that still runs.
   * @param delayMs of the way there, and of the way back.
   */
  call<T>(effect: () => Promise<T>, delayMs?: readonly [number, number]): Promise<T>;
  /** Resolves when the process runs; never when it is dead. */
  running(): Promise<void>;
  /** Runs `work` after a while, if the process still lives then, and not before it runs. */
  after(delayMs: number, work: () => void): () => void;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** @param died told once. */
export function lifeCreate(clock: VirtualClock, died: () => void): Life {
  let isAlive = true;
  let cancelResume: (() => void) | null = null;
  let waiting: (() => void)[] = [];
  let fuses: { left: number; blow: Blow }[] = [];

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.schedule(ms, resolve));
  }

  function resume(): void {
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
