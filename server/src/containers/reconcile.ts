import {
  type ContainerObservation,
  EngineError,
  type ImageRequest,
  type ImageState,
  type PullPolicy,
  type VolumeMount,
} from '@dollarbox/engines/contract';
import { failpoint } from '../base/failpoints.ts';
import { NO_FAILURE, type NextTry, nextTry } from '../reconciler/next-try.ts';
import type { Lease, Reconcile } from '../reconciler/turn.ts';
import type { Claim } from '../reconciler/store.ts';
import { turnFailure, turnFailureLog } from '../reconciler/turn-failure.ts';
import { linesKeep } from './keep-lines.ts';
import type { ContainerKindDeps, ContainerWork, LastInstance } from './kind-store.ts';
import { earliest, later } from '../base/moments.ts';
import {
  engineFailureTell,
  exitsCount,
  startFailureCount,
  stateHeldTo,
  unreadableTell,
} from './outcomes.ts';
import { noRoomMessage } from './image-volumes.ts';
import { containerPlan } from './plan.ts';
import type { Step } from './plan/step.ts';
import { type ContainerState, type Version, settleDeadline } from './state.ts';
import { type Tenants, tenantsCreate } from './tenants.ts';
import { type VolumeLook, volumeLook } from './volume-block.ts';
import { volumeUidCreate } from '../volumes/uid.ts';

/** More steps than any plan needs. A turn that takes more has failed: the engine contradicts itself. */
const MAX_STEPS = 12;
/** How often one turn tries to start its container if the engine asks for another look. */
const MAX_APPLIES = 3;
/** If a start is refused for one of these reasons, the same turn looks again. */
const LOOKED_AT_AGAIN = new Set([
  'image_missing',
  'image_volumes',
  'differs',
  'volume_busy',
  'volume_missing',
  'volume_unready',
]);
/** The look at a volume that a refusal to start implies. */
const REFUSED: Readonly<Record<string, VolumeLook>> = {
  volume_busy: 'held',
  volume_missing: 'missing',
  volume_unready: 'unready',
};
/** How often a row that can't be read is checked again, in milliseconds. */
const UNREADABLE_RETRY_MS = 300_000;
/** The exit record of a new version. */
const CLEAN_RECORD = { exitTimes: [], restartAt: null };
const LOG_TAIL = { tailLines: 10, maxBytes: 2000 };

/** Makes the engine match a container's row: observe, plan, act, record. */
export function containerReconcilerCreate(deps: ContainerKindDeps): Reconcile {
  const tenants = tenantsCreate(deps);
  return async (claim, lease) => {
    const work = await deps.store.containerWorkRead(claim.id);
    if (work === null) return containerForget(deps, claim);
    await new Turn(deps, tenants, claim, lease, work).run();
  };
}

/** The engine has nothing left of it. */
async function containerForget(
  deps: ContainerKindDeps,
  claim: Claim,
  released: readonly number[] = [],
): Promise<void> {
  failpoint('forget.before');
  await deps.engine.containers.release?.(claim.id);
  await deps.store.containerForget(claim, deps.clock.now(), released);
  failpoint('forget.after');
  await deps.engine.images.abandon(claim.id);
}

/** The engine's answers and its actions contradict each other. */
function contradiction(cause?: EngineError): EngineError {
  const message = cause?.message ?? 'The container engine does not agree with itself.';
  return new EngineError('retryable', 'engine_error', message, { cause });
}

function volumeIds(version: Version | undefined): number[] {
  return (version?.volumes ?? []).map(({ volume }) => volume.id);
}

/** The state to start from. A version names no address if the engine assigns them. */
function stateRead(
  { engine, clock }: Pick<ContainerKindDeps, 'engine' | 'clock'>,
  { state }: ContainerWork,
): ContainerState {
  const held = stateHeldTo(state, clock.now());
  if (engine.addressing === 'given') return held;
  return { ...held, desired: { ...held.desired, ipv6Address: null } };
}

/** One turn of one container. Findings are kept in `state` and recorded at the end. */
class Turn {
  readonly #deps: ContainerKindDeps;
  readonly #tenants: Tenants;
  readonly #claim: Claim;
  readonly #lease: Lease;
  readonly #work: ContainerWork;
  #state: ContainerState;
  #lastInstance: LastInstance | null;
  /** undefined: not checked yet. */
  #observed: ContainerObservation | null | undefined;
  readonly #images = new Map<string, ImageState>();
  readonly #volumeLooks = new Map<number, VolumeLook>();
  #noRoom: string | null = null;
  #applies = 0;
  /** An object of this container was removed in this turn. */
  #hasRemoved = false;

  constructor(
    deps: ContainerKindDeps,
    tenants: Tenants,
    claim: Claim,
    lease: Lease,
    work: ContainerWork,
  ) {
    this.#deps = deps;
    this.#tenants = tenants;
    this.#claim = claim;
    this.#lease = lease;
    this.#work = work;
    this.#lastInstance = work.lastInstance;
    this.#state = stateRead(deps, work);
  }

  async run(): Promise<void> {
    try {
      await this.#observe();
      const isWanted = this.#state.deletedAt === null && !this.#isStopped();
      if (this.#work.isUnreadable === true && isWanted) {
        return await this.#giveUp();
      }
      for (let count = 0; count < MAX_STEPS; count += 1) {
        const step = containerPlan({
          state: this.#state,
          observed: this.#observed ?? null,
          images: this.#images,
          volumeLooks: this.#volumeLooks,
          restarts: this.#deps.engine.restarts,
          noRoom: this.#noRoom,
          now: this.#now(),
        });
        if (step.do === 'forget') {
          const { desired, applied } = this.#state;
          const released = [...volumeIds(desired), ...volumeIds(applied?.version)];
          return await containerForget(this.#deps, this.#claim, released);
        }
        if (step.do === 'settle') {
          this.#learn(step.state);
          if (this.#isStopped()) await this.#deps.engine.images.abandon(this.#claim.id);
          await this.#record(step.dueAt);
          return;
        }
        if (step.do === 'apply' && this.#applies === MAX_APPLIES) {
          // Each start has failed, and by then the delay before the next one was over: the engine is slow.
          await this.#record(this.#now());
          return;
        }
        await this.#act(step);
      }
      throw contradiction();
    } catch (error) {
      const failure = turnFailure(this.#deps, this.#claim, error, () => {
        // Do not record what was learned: it may have caused the failure.
        this.#state = stateRead(this.#deps, this.#work);
      });
      await this.#recordFailure(failure);
    }
  }

  /** Nothing of it is to run. */
  #isStopped(): boolean {
    return this.#state.isSuspended || this.#state.isStopped;
  }

  async #giveUp(): Promise<void> {
    this.#deps.log.error({ container: this.#claim.id }, "the env of a container can't be read");
    this.#learn(unreadableTell(this.#observed));
    await this.#record(later(this.#now(), UNREADABLE_RETRY_MS));
  }

  async #observe(): Promise<void> {
    this.#lease.require();
    this.#see(await this.#deps.engine.containers.observe(this.#claim.id));
    failpoint('observe.after');
  }

  /** An address that the engine assigned is recorded once, and stays. */
  #see(observed: ContainerObservation | null): void {
    this.#observed = observed;
    const { ipv6Address } = this.#state;
    if (ipv6Address === null && observed !== null) {
      this.#learn({ ipv6Address: observed.ipv6Address });
    }
  }

  async #act(step: Exclude<Step, { do: 'settle' | 'forget' }>): Promise<void> {
    const { engine } = this.#deps;
    this.#lease.require();
    switch (step.do) {
      case 'lookAtImage':
        return this.#lookAtImage(step.ref);
      case 'lookAtVolumes':
        return this.#lookAtVolumes(step.mounts);
      case 'addImageVolumes':
        return this.#addImageVolumes(step.paths);
      case 'pull':
        this.#learn(step.state ?? {});
        failpoint('pull.before');
        this.#images.set(
          step.ref,
          await engine.images.ensure(this.#imageRequest(step.ref, step.since)),
        );
        failpoint('pull.after');
        return;
      case 'end':
        return this.#end(step.ref, step.graceMs);
      case 'countExit': {
        const lines = await this.#lastLines(step.observed);
        if (step.made !== undefined) {
          const { ref: appliedRef } = step.observed;
          this.#learn({ ...CLEAN_RECORD, applied: step.made, appliedRef });
        }
        this.#learn(exitsCount(this.#state, step.observed, lines, this.#now()));
        failpoint('exit.after');
        return;
      }
      case 'apply':
        return this.#apply(step);
    }
  }

  async #end(ref: string, graceMs: number): Promise<void> {
    const isSignal = graceMs > 0;
    failpoint(isSignal ? 'stop.before' : 'remove.before');
    if (!isSignal || this.#deps.engine.restarts === 'engine') await this.#keepLines(ref);
    this.#lease.require();
    await this.#deps.engine.containers.end(ref, graceMs);
    failpoint(isSignal ? 'stop.after' : 'remove.after');
    if (isSignal) this.#learn({ stopRef: ref, stopRequestedAt: this.#now() });
    await this.#observe();
    if (this.#observed?.ref === ref) return;
    this.#hasRemoved = true;
    // A turn that had read the row before the restart was asked for may have recorded a delay.
    if (ref === this.#state.restartRef) this.#learn(CLEAN_RECORD);
  }

  /** Before an object is removed: what its process wrote would be gone with it. */
  async #keepLines(ref: string): Promise<void> {
    const { containers } = this.#deps.engine;
    if (this.#state.deletedAt !== null || this.#observed?.ref !== ref) return;
    const { state } = this.#observed;
    let isRunning = state === 'running' || state === 'paused';
    if (isRunning && containers.kill !== undefined) {
      // It may still write until then.
      await containers.kill(ref);
      isRunning = false;
    }
    await this.#recordInstance();
    this.#lease.require();
    await linesKeep(this.#deps, this.#claim, { ref, isRunning });
    if (this.#lastInstance?.ref === ref)
      this.#lastInstance = { ...this.#lastInstance, isKept: true };
    failpoint('keep.after');
  }

  /** Joins a pull that another container started: with this org's own slots it may proceed sooner. */
  async #lookAtImage(ref: string): Promise<void> {
    const { images } = this.#deps.engine;
    const request = this.#imageRequest(ref);
    const image = await images.observe(request);
    if (image.state !== 'queued' && image.state !== 'pulling') {
      if (image.state === 'present') this.#countFrom(ref, image.pulledAt);
      this.#images.set(ref, image);
      return;
    }
    this.#lease.require();
    this.#images.set(ref, await images.ensure(request));
  }

  /** After its pull, a change has a deadline of its own, counted from the end of the pull. */
  #countFrom(ref: string, pulledAt: Date | undefined): void {
    const { applied, generation, desired, pullStartedAt, attemptAt } = this.#state;
    const isOfChange = ref === desired.image && applied?.generation !== generation;
    if (!isOfChange || pulledAt === undefined || pulledAt <= (pullStartedAt ?? attemptAt)) return;
    this.#learn({ pullStartedAt: pulledAt });
  }

  /** Whether its volumes exist, and no other container's object holds them. */
  async #lookAtVolumes(mounts: readonly VolumeMount[]): Promise<void> {
    const { engine, store } = this.#deps;
    for (const { volume } of mounts) {
      this.#lease.require();
      const observed = await engine.volumes.observe(volume);
      failpoint('look.after');
      const look = volumeLook(observed, this.#claim.id);
      this.#volumeLooks.set(volume.id, look);
      // The volume's own turn determines what happened to it.
      if (look === 'missing') await store.workHint('volume', volume.id, this.#now());
    }
  }

  async #addImageVolumes(paths: readonly string[]): Promise<void> {
    const { store, random, engine } = this.#deps;
    const storage = await engine.volumes.storage();
    const asks = paths.map((path) => ({ path, uid: volumeUidCreate(random) }));
    const added = await store.imageVolumesAdd(this.#claim.id, asks, storage, this.#now());
    if (added.outcome !== 'added') {
      this.#noRoom =
        added.outcome === 'gone' ? 'The container was deleted.' : noRoomMessage(paths, added);
      return;
    }
    const ids = new Set(added.volumes.map(({ id }) => id));
    this.#learn({
      imageVolumes: added.volumes.map(({ id, uid, mountPath }) => ({
        volume: { id, uid },
        mountPath,
      })),
      volumes: [
        ...this.#state.volumes.filter(({ id }) => !ids.has(id)),
        ...added.volumes.map(({ mountPath: _path, ...volume }) => volume),
      ],
    });
  }

  /**
   * Trusts an engine's refusal because of a version's volumes, even if a check found no obstacle: it may have
   * disappeared since, or something other than containers may cause it.
   */
  #believe(look: VolumeLook, { volumes }: Version): void {
    if (volumes.some(({ volume }) => this.#volumeLooks.get(volume.id) !== 'free')) return;
    for (const { volume } of volumes) this.#volumeLooks.set(volume.id, look);
  }

  /** The last lines, as evidence. A restart does not wait for them. @returns null if they are not available. */
  async #lastLines({ ref, exits: { last } }: ContainerObservation): Promise<string | null> {
    if (last === null || last.lastLines !== null) return last?.lastLines ?? null;
    const { startedAt } = last;
    try {
      const ofThisRun = startedAt === null ? {} : { since: startedAt };
      return await this.#deps.engine.access.logs(ref, { ...LOG_TAIL, ...ofThisRun });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#deps.log.warn({ err: error, container: this.#claim.id }, 'no last lines could be read');
      return null;
    }
  }

  async #apply(step: Extract<Step, { do: 'apply' }>): Promise<void> {
    const isNewVersion = this.#state.applied?.generation !== step.generation;
    const { imageId, ...version } = step.spec;
    const applied = { generation: step.generation, version, imageId };
    const fresh = isNewVersion ? CLEAN_RECORD : {};
    try {
      failpoint('tenant.before');
      await this.#tenants.ensure(this.#state.tenantId, this.#lease);
      failpoint('tenant.after');
      this.#lease.require();
      failpoint('apply.before');
      const made = await this.#deps.engine.containers.apply(step.spec);
      this.#see(made);
      failpoint('apply.after');
      this.#learn({ ...fresh, applied, appliedRef: made.ref });
      if (step.isPulledAgain) this.#learn({ pullAgainAt: null });
      if (step.isRestart) this.#learn({ restartCount: this.#state.restartCount + 1 });
      const isStarted = this.#deps.engine.restarts === 'reconciler';
      if (isStarted || made.state === 'running') this.#learn({ restartAt: null });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#tenants.forget(this.#state.tenantId);
      this.#applies += 1;
      if (this.#applies === MAX_APPLIES && error.reason !== 'start_error') {
        throw LOOKED_AT_AGAIN.has(error.reason) ? contradiction(error) : error;
      }
      if (error.reason === 'start_error') {
        this.#learn({ ...fresh, applied });
        if (step.isPulledAgain) this.#learn({ pullAgainAt: null });
        try {
          await this.#observe();
        } finally {
          // The delay begins here: an engine that answers slowly must not use it up within this turn.
          this.#learn(startFailureCount(this.#state, error.message, this.#now()));
        }
        this.#learn({ appliedRef: this.#observed?.ref ?? null });
        return;
      }
      if (error.reason === 'image_missing' || error.reason === 'image_volumes') {
        // Look at the image again: for its volumes, it must be known.
        this.#images.delete(version.image);
        if (!isNewVersion) this.#learn({ applied: { ...applied, imageId: null } });
        return;
      }
      if (error.reason === 'differs') return this.#observe();
      const look = REFUSED[error.reason];
      if (look !== undefined) {
        await this.#observe();
        await this.#lookAtVolumes(version.volumes);
        return this.#believe(look, version);
      }
      throw error;
    }
  }

  #pullPolicy(ref: string): PullPolicy {
    if (ref !== this.#state.desired.image) return 'if_not_present';
    return this.#state.pullAgainAt === null ? this.#state.pullPolicy : 'always';
  }

  #imageRequest(ref: string, since = this.#state.attemptAt): ImageRequest {
    return {
      ref,
      tenantId: this.#state.tenantId,
      since,
      containerId: this.#claim.id,
      pullPolicy: this.#pullPolicy(ref),
      wanted: [this.#state.desired.image, this.#state.applied?.version.image ?? ref],
    };
  }

  /** The engine failed: records what is known, and reports the rest as unknown. */
  async #recordFailure(error: EngineError): Promise<void> {
    const now = this.#now();
    const next = nextTry(this.#claim, error, this.#deps.random);
    if (this.#state.deletedAt === null) {
      this.#learn(engineFailureTell(this.#state, this.#observed, error, next.failures, now));
    }
    turnFailureLog(this.#deps, this.#claim, error, next);
    // If the cause is an unavailable volume, its own turn reports that too.
    if (error.reason === 'engine_error') {
      for (const { volume } of this.#state.desired.volumes) {
        await this.#deps.store.workHint('volume', volume.id, now);
      }
    }
    const retryAt = later(now, next.delayMs);
    const deadline = settleDeadline(this.#state);
    // Wake up in time to report the failure.
    await this.#record(now < deadline ? earliest(retryAt, deadline) : retryAt, next);
  }

  #learn(change: Partial<ContainerState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #now(): Date {
    return this.#deps.clock.now();
  }

  async #record(
    dueAt: Date | null,
    { failures, hangs }: Pick<NextTry, 'failures' | 'hangs'> = NO_FAILURE,
  ): Promise<void> {
    const { state } = this.#work;
    const next = { dueAt, failures, hangs };
    await this.#recordInstance();
    failpoint('record.before');
    await this.#deps.store.containerRecord(
      this.#claim,
      state,
      this.#state,
      this.#now(),
      next,
      this.#released(),
    );
    failpoint('record.after');
  }

  /** The start of the observed process, so that its lines can be told from those of others. */
  async #recordInstance(): Promise<void> {
    const last = this.#lastInstance;
    const { ref, startedAt, state } = this.#observed ?? {};
    if (ref === undefined || startedAt === null || startedAt === undefined) return;
    // It was not removed after all, and may write more.
    const isRevived = last?.isKept === true && state === 'running' && this.#state.stopRef !== ref;
    const isKnown = last?.ref === ref && +last.startedAt === +startedAt && !isRevived;
    if (isKnown || this.#state.deletedAt !== null) return;
    const generation = this.#state.applied?.generation ?? this.#state.generation;
    await this.#deps.store.instanceRecord(this.#claim, generation, { ref, startedAt });
    this.#lastInstance = { ref, startedAt, isKept: false };
  }

  /**
   * The volumes that the former object, removed in this turn, may have held, and that the current object does not hold.
   */
  #released(): number[] {
    if (!this.#hasRemoved) return [];
    const { desired, applied } = this.#work.state;
    const isThere = this.#observed !== null && this.#observed !== undefined;
    const held = new Set(isThere ? volumeIds(this.#state.applied?.version) : []);
    return [...volumeIds(applied?.version), ...volumeIds(desired)].filter((id) => !held.has(id));
  }
}
