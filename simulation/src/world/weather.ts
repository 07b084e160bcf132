import type { VirtualClock } from '@dollarbox/engines/fake/clock';

/** The current disturbances outside of the processes. */
interface Weather {
  hintLose: number;
  hintDouble: number;
  hintDelayMs: number;
  signalsLost: boolean;
  storeAway: 'no' | 'before' | 'after';
  /** The longest delay of a call of the store in each direction, in milliseconds. */
  storeDelayMs: number;
}

export interface Conditions {
  readonly now: Weather;
  /** Changes the weather for a while. */
  change(changes: Partial<Weather>, forMs: number): void;
  /** Records a temporary disturbance that is not weather. */
  disturb(forMs: number): void;
  /** Ends all disturbances. */
  clear(): void;
  /** Since when there has been no disturbance, in milliseconds; Infinity during one. */
  calmSinceMs(): number;
}

const FAIR: Weather = {
  hintLose: 0,
  hintDouble: 0,
  hintDelayMs: 0,
  signalsLost: false,
  storeAway: 'no',
  storeDelayMs: 0,
};

export function conditionsCreate(clock: VirtualClock): Conditions {
  const now: Weather = { ...FAIR };
  let untilMs = clock.now().getTime();
  const undo = new Map<keyof Weather, () => void>();

  function disturb(forMs: number): void {
    untilMs = Math.max(untilMs, clock.now().getTime() + forMs);
  }

  return {
    now,
    disturb,
    change(changes, forMs) {
      disturb(forMs);
      Object.assign(now, changes);
      for (const key of Object.keys(changes) as (keyof Weather)[]) {
        undo.get(key)?.();
        const reset = { [key]: FAIR[key] };
        undo.set(
          key,
          clock.schedule(forMs, () => void Object.assign(now, reset)),
        );
      }
    },
    clear() {
      for (const cancel of undo.values()) cancel();
      Object.assign(now, FAIR);
      untilMs = Math.min(untilMs, clock.now().getTime());
    },
    calmSinceMs: () => (untilMs > clock.now().getTime() ? Infinity : untilMs),
  };
}
