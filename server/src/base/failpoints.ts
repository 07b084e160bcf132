/**
 * Named places where a test makes the process die, stop or fail, so that tests exercise what happens after a crash
 * between any two steps. Without the variable FAILPOINTS, a failpoint costs one check of a boolean.
 *
 * `FAILPOINTS=apply.after=kill`; separate several with commas. Actions: `kill` (SIGKILL, nothing is flushed), `stop`
 * (SIGSTOP, until a SIGCONT), `stall:<ms>` (blocks the whole process for that long), `error` (throws). With `@<n>` the
 * action happens only at the n-th hit, otherwise at each hit.
 */

/** Every failpoint, and the two steps that it lies between. Each has a row in e2e/src/crash-points.ts. */
export const FAILPOINTS = {
  'write.commit.before': 'a write has done all its statements, and has not committed',
  'write.commit.after': 'a write has committed, and has woken nobody',
  'write.reply.before': 'a write has woken the reconciler, and has not answered',
  'claim.after': 'objects are claimed, none is begun',
  'observe.after': 'the engine was looked at, nothing is planned',
  'pull.before': 'an image is wanted, and not asked for',
  'pull.after': 'a pull is begun, and not recorded',
  'pull.loaded': 'an image is on the engine, and not noted as ours',
  'tenant.before': "an org's network is wanted, and not asked for",
  'tenant.after': "an org's network is there, and nothing on it",
  'apply.before': 'the lease is known to hold, the engine is not asked yet',
  'apply.between': 'a container is created, and not started',
  'apply.after': 'a container runs, and nothing is recorded',
  'stop.before': 'a process is to end, and not asked to',
  'stop.after': 'a process was asked to end, and that is not recorded',
  'remove.before': 'an object is to be removed, and exists',
  'keep.after': 'the lines of an object are kept, and it still exists',
  'remove.after': 'an object is gone, and that is not recorded',
  'exit.after': 'an exit is counted, and not recorded',
  'record.before': 'a turn is over, and not recorded',
  'record.after': 'a turn is recorded',
  'forget.before': 'the engine has nothing left of a container, its row is there',
  'forget.after': "a container's row is gone",
  'look.after': "a container's volume was looked at, nothing is planned",
  'volume.observe.after': 'a volume was looked at, nothing is planned',
  'volume.apply.before': 'a volume is to be made, the engine is not asked yet',
  'volume.filled': "a volume's file system is made, and has no place",
  'volume.placed': 'it has its place, and is not mounted',
  'volume.mounted': 'it is mounted, and the engine has no object of it',
  'volume.apply.after': 'a volume is there, and nothing is recorded',
  'volume.remove.before': "a deleted volume's data is to be removed, and exists",
  'volume.released': 'the engine has released a deleted volume, its file system is mounted',
  'volume.unmounted': 'that is not mounted any more, and there',
  'volume.trashed': 'it has lost its place, and is not deleted yet',
  'volume.remove.after': "a deleted volume's data is gone, and that is not recorded",
  'volume.record.before': "a volume's turn is over, and not recorded",
  'volume.record.after': "a volume's turn is recorded",
  'volume.forget.before': 'the engine has nothing left of a volume, its row is there',
  'volume.forget.after': "a volume's row is gone",
  'credential.issue.before': 'a kubeconfig is noted as being issued, the engine is not asked yet',
  'credential.issue.after': 'the engine has issued a kubeconfig, and that is not recorded',
  'hint.before': 'the engine reported a change, nobody is woken',
  'sweep.listed': "the engine's objects are listed, the table is not read yet",
  'sweep.volumes.listed': "the engine's volumes are listed, the table is not read yet",
  'sweep.orphan.before': 'an object without a row was found, and is there',
  'sweep.orphan.after': 'an object without a row was removed',
  'migrate.before': 'the tables are to be brought to this version',
  'migrate.during': 'a migration is done, and not committed',
  'migrate.after': 'the tables are of this version, there is no account yet',
  'first-run.before': 'the first account is made, and not committed',
  'first-run.after': 'the first account is there, and its token is not printed',
} as const;

export type FailpointName = keyof typeof FAILPOINTS;

export type FailpointAction =
  | { do: 'kill' | 'stop' | 'error' }
  /** Blocks the event loop, in milliseconds. */
  | { do: 'stall'; ms: number };

export interface ArmedFailpoint {
  name: FailpointName;
  action: FailpointAction;
  /** Act only at this hit, counted from 1; null: act at each. */
  hit: number | null;
}

const FORM = /^([\w.-]+)=(?:(kill|stop|error)|stall:(\d{1,7}))(?:@(\d{1,6}))?$/;

/**
 * Reads the variable FAILPOINTS.
 * @throws Error with a sentence that names what is wrong.
 */
export function failpointsParse(text: string): ArmedFailpoint[] {
  return text.split(/[\s,]+/).map((entry) => {
    const [, name = '', plain, stallMs, hit] = FORM.exec(entry) ?? [];
    if (!isFailpointName(name)) {
      const names = Object.keys(FAILPOINTS).join(' ');
      throw new Error(`"${entry}" is not like apply.after=kill@2 (points: ${names})`);
    }
    const action: FailpointAction =
      stallMs === undefined
        ? { do: plain as 'kill' | 'stop' | 'error' }
        : { do: 'stall', ms: Number(stallMs) };
    return { name, action, hit: hit === undefined ? null : Number(hit) };
  });
}

function isFailpointName(name: string): name is FailpointName {
  return Object.hasOwn(FAILPOINTS, name);
}

const armed = new Map<FailpointName, ArmedFailpoint[]>();
const hits = new Map<FailpointName, number>();
let isArmed = false;

/** Arms these failpoints and no others, and resets the hit counts. */
export function failpointsArm(failpoints: readonly ArmedFailpoint[]): void {
  armed.clear();
  hits.clear();
  for (const each of failpoints) armed.set(each.name, [...(armed.get(each.name) ?? []), each]);
  isArmed = armed.size > 0;
}

/** A place where a test can make the process die. Does nothing unless armed. */
export function failpoint(name: FailpointName): void {
  if (isArmed) strike(name);
}

function strike(name: FailpointName): void {
  const count = (hits.get(name) ?? 0) + 1;
  hits.set(name, count);
  for (const { action, hit } of armed.get(name) ?? []) {
    if (hit !== null && hit !== count) continue;
    switch (action.do) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        break;
      case 'stop':
        process.kill(process.pid, 'SIGSTOP');
        break;
      case 'stall':
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.ms);
        break;
      case 'error':
        throw new Error(`failpoint ${name}`);
    }
  }
}
