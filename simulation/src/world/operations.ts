import type { FakeWorld } from '@dollarbox/engines/fake/world';
import { type Chance, chanceCreate } from './chance.ts';
import { USUAL_IMAGES } from './images.ts';

type FakeVerb = Parameters<FakeWorld['faults']['add']>[0]['verb'];

/** The faults of calls to one verb, for a while. */
interface FaultOperation {
  do: 'fault';
  verb: FakeVerb;
  chance: number;
  delayMs: number;
  replyDelayMs: number;
  error: 'none' | 'retryable' | 'permanent';
  when: 'before' | 'halfway' | 'after';
  forMs: number;
}

/**
 * One event. `target`, `org` and `worker` are fractions that select among the objects that exist at the time. As far as
 * possible, an operation means the same when others are left out.
 */
export type Action =
  /** `volume`: which volume of the org it mounts; null: none. */
  | {
      do: 'create';
      org: number;
      name: number;
      image: string;
      env: string;
      volume: number | null;
      graceSeconds: number;
    }
  | {
      do: 'patch';
      target: number;
      image: string | null;
      env: string | null;
      graceSeconds: number | null;
    }
  | { do: 'patchBack'; target: number; env: string }
  | { do: 'delete'; target: number }
  /** What a client asks of the process of a container. */
  | { do: 'clientStop' | 'clientStart'; target: number }
  | { do: 'clientRestart'; target: number; pull: boolean }
  /** Suspends an org, or ends its suspension. */
  | { do: 'suspend'; org: number }
  | { do: 'recreate'; target: number; image: string }
  | { do: 'volumeCreate'; org: number; name: number; sizeGb: number }
  | { do: 'volumeDelete'; target: number }
  /** Gives a volume of the org, whichever container has it, to a container. */
  | { do: 'attach'; target: number; volume: number; path: string }
  | { do: 'detach'; target: number }
  /** Takes a volume from the container that has it, and gives it to another one of the org. */
  | { do: 'handOn'; volume: number; target: number }
  /** Swaps the volumes of two containers of an org. */
  | { do: 'swap'; target: number; other: number }
  /** Removes a volume without anybody's knowledge. `backMs`: when it comes back; null: never. */
  | { do: 'volumeVanish'; target: number; backMs: number | null }
  | { do: 'kill' | 'stop' | 'pause' | 'disconnect' | 'remove'; target: number }
  /** All processes on the engine end with it. */
  | { do: 'engineOutage'; forMs: number }
  /** The engine can't be reached, but what it runs keeps running. */
  | { do: 'engineSilent'; forMs: number }
  | { do: 'imageRemove'; image: string }
  | { do: 'imagesCollect'; worker: number }
  | { do: 'tagMove' }
  | { do: 'registryOutage'; image: string; forMs: number }
  | { do: 'networkTaken'; org: number; forMs: number }
  | FaultOperation
  | { do: 'workerDies'; worker: number; atCall: number; isSent: boolean; backMs: number }
  | { do: 'workerStops'; worker: number; backMs: number }
  | { do: 'workerStalls'; worker: number; atCall: number; forMs: number }
  | { do: 'sessionCut'; worker: number; forMs: number }
  | { do: 'clockJump'; worker: number; byMs: number; forMs: number }
  | { do: 'storeAway'; isApplied: boolean; forMs: number }
  | { do: 'storeSlow'; delayMs: number; forMs: number }
  | { do: 'hints'; lose: number; double: number; delayMs: number; forMs: number }
  | { do: 'signalsLost'; forMs: number }
  | { do: 'nothing' };

interface Operation {
  /** Its number in the unshortened run. */
  step: number;
  action: Action;
  /** How much time passes before the next one, in milliseconds. */
  waitMs: number;
}

type Kind = Action['do'];

/** How often each kind happens, relative to the others. */
const WEIGHTS: Record<Kind, number> = {
  create: 16,
  patch: 14,
  patchBack: 2,
  delete: 6,
  clientStop: 4,
  clientStart: 4,
  clientRestart: 4,
  suspend: 3,
  recreate: 5,
  volumeCreate: 8,
  volumeDelete: 4,
  attach: 8,
  detach: 3,
  handOn: 5,
  swap: 3,
  volumeVanish: 2,
  kill: 5,
  stop: 3,
  pause: 2,
  disconnect: 2,
  remove: 4,
  engineOutage: 2,
  engineSilent: 2,
  imageRemove: 2,
  imagesCollect: 2,
  tagMove: 1,
  registryOutage: 2,
  networkTaken: 1,
  fault: 10,
  workerDies: 5,
  workerStops: 1,
  workerStalls: 5,
  sessionCut: 2,
  clockJump: 1,
  storeAway: 2,
  storeSlow: 3,
  hints: 4,
  signalsLost: 2,
  nothing: 6,
};

const VERBS: [FakeVerb, ...FakeVerb[]] = [
  'containers.apply',
  'containers.apply',
  'containers.observe',
  'containers.observe',
  'containers.end',
  'containers.end',
  'containers.list',
  'access.logs',
  'images.ensure',
  'images.observe',
  'tenants.ensure',
  'volumes.apply',
  'volumes.observe',
  'volumes.remove',
  'volumes.list',
  'ping',
  '*',
];

const GRACES_SECONDS: [number, ...number[]] = [10, 10, 2, 25];
const PATHS: [string, ...string[]] = ['/data', '/srv', '/var/lib/app'];

/** The complete course of a run. */
export interface Course {
  workers: number;
  operations: Operation[];
}

/** Draws the operations of a seed. Seeds have preferences: some kinds are left out, others are frequent. */
export function courseDraw(seed: number, steps: number): Course {
  const chance = chanceCreate(seed);
  const kinds = Object.keys(WEIGHTS) as [Kind, ...Kind[]];
  const weights = kinds.map((kind) => WEIGHTS[kind] * chance.pick([0, 0.5, 1, 1, 1, 3]));
  // Nothing happens without containers.
  weights[0] = Math.max(weights[0] ?? 0, WEIGHTS.create);
  const total = weights.reduce((sum, weight) => sum + weight, 0);

  function kindDraw(): Kind {
    let left = chance.fraction() * total;
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return kinds[index] ?? 'nothing';
    }
    return 'nothing';
  }

  const workers = 2 + chance.index(3);
  const operations: Operation[] = [];
  for (let step = 0; step < steps; step += 1) {
    operations.push({ step, action: actionDraw(kindDraw(), chance), waitMs: waitDraw(chance) });
  }
  return { workers, operations };
}

function waitDraw(chance: Chance): number {
  const size = chance.fraction();
  if (size < 0.25) return 0;
  if (size < 0.5) return Math.round(chance.between(1, 60));
  if (size < 0.8) return Math.round(chance.between(60, 2000));
  if (size < 0.97) return Math.round(chance.between(2000, 9000));
  return Math.round(chance.between(9000, 60_000));
}

function actionDraw(kind: Kind, chance: Chance): Action {
  const target = chance.fraction();
  const image = chance.pick(USUAL_IMAGES);
  const env = String(chance.index(3));
  const forMs = Math.round(chance.pick([300, 3000, 12_000, 40_000]) * chance.between(0.5, 1.5));
  const worker = chance.fraction();
  const atCall = 1 + chance.index(12);
  switch (kind) {
    case 'create':
      return {
        ...{ do: kind, org: target, name: chance.fraction(), image, env },
        volume: chance.isTrue(0.5) ? chance.fraction() : null,
        graceSeconds: chance.pick(GRACES_SECONDS),
      };
    case 'patch': {
      const what = chance.index(3);
      return {
        do: kind,
        target,
        image: what === 0 ? null : image,
        env: what === 1 ? null : env,
        graceSeconds: chance.isTrue(0.2) ? chance.pick(GRACES_SECONDS) : null,
      };
    }
    case 'patchBack':
      return { do: kind, target, env };
    case 'clientRestart':
      return { do: kind, target, pull: chance.isTrue(0.3) };
    case 'suspend':
      return { do: kind, org: target };
    case 'recreate':
      return { do: kind, target, image };
    case 'engineOutage':
    case 'engineSilent':
      return { do: kind, forMs };
    case 'imageRemove':
      return { do: kind, image };
    case 'imagesCollect':
      return { do: kind, worker };
    case 'tagMove':
    case 'nothing':
      return { do: kind };
    case 'registryOutage':
      return { do: kind, image, forMs: chance.isTrue(0.1) ? 400_000 : forMs };
    case 'networkTaken':
      return { do: kind, org: target, forMs };
    case 'fault':
      return faultDraw(forMs, chance);
    case 'workerDies':
      return { do: kind, worker, atCall, isSent: chance.isTrue(0.5), backMs: forMs / 4 };
    case 'workerStops':
      return { do: kind, worker, backMs: forMs / 4 };
    case 'workerStalls':
      return { do: kind, worker, atCall, forMs };
    case 'sessionCut':
      return { do: kind, worker, forMs };
    case 'clockJump':
      return { do: kind, worker, byMs: Math.round(chance.between(-60_000, 60_000)), forMs };
    case 'storeAway':
      return { do: kind, isApplied: chance.isTrue(0.4), forMs };
    case 'storeSlow':
      return { do: kind, delayMs: chance.pick([5, 50, 1000, 8000]), forMs };
    case 'hints': {
      const lose = chance.pick([0, 0.5, 1]);
      return {
        do: kind,
        lose,
        double: chance.pick([0, 0.5]),
        delayMs: chance.pick([0, 20, 900]),
        forMs,
      };
    }
    case 'signalsLost':
      return { do: kind, forMs };
    case 'volumeCreate':
      return { do: kind, org: target, name: chance.fraction(), sizeGb: 1 + chance.index(2) };
    case 'attach':
      return { do: kind, target, volume: chance.fraction(), path: chance.pick(PATHS) };
    case 'handOn':
      return { do: kind, target, volume: chance.fraction() };
    case 'swap':
      return { do: kind, target, other: chance.fraction() };
    case 'volumeVanish':
      return { do: kind, target, backMs: chance.isTrue(0.5) ? forMs : null };
    default:
      return { do: kind, target };
  }
}

function faultDraw(forMs: number, chance: Chance): FaultOperation {
  const error = chance.pick(['none', 'retryable', 'retryable', 'permanent'] as const);
  const isSlow = error === 'none' || chance.isTrue(0.3);
  return {
    do: 'fault',
    verb: chance.pick(VERBS),
    chance: chance.pick([0.3, 0.7, 1]),
    delayMs: isSlow ? chance.pick([0, 20, 900, 6000, 14_000]) : 0,
    replyDelayMs: isSlow ? chance.pick([0, 20, 900, 6000]) : 0,
    error,
    when: chance.pick(['before', 'after', 'halfway']),
    forMs,
  };
}
