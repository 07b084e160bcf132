import {
  type ContainerObservation,
  EngineError,
  type ImageRequest,
  type ImageState,
  type VolumeMount,
} from '@dollarbox/engines/contract';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import { retryDelayMs } from '../reconciler/backoff.ts';
import type { Lease, Reconcile } from '../reconciler/loop.ts';
import type { Claim, ContainerWork } from '../reconciler/store.ts';
import { turnFailure, turnFailureLog } from '../reconciler/turn-failure.ts';
import { earliest, later } from './moments.ts';
import {
  engineFailureTell,
  exitCount,
  startFailureCount,
  stateHeldTo,
  unreadableTell,
} from './outcomes.ts';
import { type Step, containerPlan } from './plan.ts';
import { type ContainerState, type Version, settleDeadline } from './state.ts';
import { type Tenants, tenantsCreate } from './tenants.ts';
import type { VolumeLook } from './volume-block.ts';

/** More steps than any plan needs: past them, it goes on in another turn. */
const MAX_STEPS = 12;
/** A row that can't be read is looked at again so often, in milliseconds. */
const UNREADABLE_RETRY_MS = 300_000;
/** What a new version starts with. */
const CLEAN_RECORD = { exitTimes: [], restartAt: null };
const LOG_TAIL = { tailLines: 10, maxBytes: 2000 };

/** Makes the engine hold what a container's row says: observe, plan, act, record. */
export function containerReconcilerCreate(deps: ReconcileDeps): Reconcile {
  const tenants = tenantsCreate(deps);
  return async (claim, lease) => {
    const work = await deps.store.containerWorkRead(claim.id);
    if (work === null) return containerForget(deps, claim);
    await new Turn(deps, tenants, claim, lease, work).run();
  };
}

/** The engine has nothing left of it. */
async function containerForget(
  deps: ReconcileDeps,
  claim: Claim,
  released: readonly number[] = [],
): Promise<void> {
  failpoint('forget.before');
  await deps.store.containerForget(claim, deps.clock.now(), released);
  failpoint('forget.after');
  await deps.engine.images.abandon(claim.id);
}

function volumeIds(version: Version | undefined): number[] {
  return (version?.volumes ?? []).map(({ volume }) => volume.id);
}

/** One turn of one container. What it learns is kept in `state`, and recorded at its end. */
class Turn {
  readonly #deps: ReconcileDeps;
  readonly #tenants: Tenants;
  readonly #claim: Claim;
  readonly #lease: Lease;
  readonly #work: ContainerWork;
  #state: ContainerState;
  /** undefined: not looked at yet. */
  #observed: ContainerObservation | null | undefined;
  readonly #images = new Map<string, ImageState>();
  readonly #volumeLooks = new Map<number, VolumeLook>();
  /** An object of it was removed in this turn. */
  #hasRemoved = false;

  constructor(
    deps: ReconcileDeps,
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
    this.#state = stateHeldTo(work.state, deps.clock.now());
  }

  async run(): Promise<void> {
    try {
      await this.#observe();
      if (this.#work.isUnreadable === true && this.#state.deletedAt === null) {
        return await this.#giveUp();
      }
      for (let count = 0; count < MAX_STEPS; count += 1) {
        const step = containerPlan({
          state: this.#state,
          observed: this.#observed ?? null,
          images: this.#images,
          volumeLooks: this.#volumeLooks,
          now: this.#now(),
        });
        if (step.do === 'forget') {
          const { desired, applied } = this.#state;
          const released = [...volumeIds(desired), ...volumeIds(applied?.version)];
          return await containerForget(this.#deps, this.#claim, released);
        }
        if (step.do === 'settle') {
          this.#learn(step.state);
          await this.#record(step.dueAt, 0);
          return;
        }
        await this.#act(step);
      }
      await this.#record(this.#now(), 0);
    } catch (error) {
      const failure = turnFailure(this.#deps, this.#claim, error, () => {
        // What was learned may be what broke it.
        this.#state = stateHeldTo(this.#work.state, this.#now());
      });
      await this.#recordFailure(failure);
    }
  }

  async #giveUp(): Promise<void> {
    this.#deps.log.error({ container: this.#claim.id }, "the env of a container can't be read");
    this.#learn(unreadableTell(this.#observed));
    await this.#record(later(this.#now(), UNREADABLE_RETRY_MS), 0);
  }

  async #observe(): Promise<void> {
    this.#lease.require();
    this.#observed = await this.#deps.engine.containers.observe(this.#claim.id);
    failpoint('observe.after');
  }

  async #act(step: Exclude<Step, { do: 'settle' | 'forget' }>): Promise<void> {
    const { engine } = this.#deps;
    this.#lease.require();
    switch (step.do) {
      case 'lookAtImage':
        return this.#lookAtImage(step.ref);
      case 'lookAtVolumes':
        return this.#lookAtVolumes(step.mounts);
      case 'pull':
        this.#learn(step.state ?? {});
        failpoint('pull.before');
        this.#images.set(
          step.ref,
          await engine.images.ensure(this.#imageRequest(step.ref, step.since)),
        );
        failpoint('pull.after');
        return;
      case 'stop':
        failpoint('stop.before');
        await engine.containers.stop(step.ref);
        failpoint('stop.after');
        this.#learn({ stopRef: step.ref, stopRequestedAt: this.#now() });
        return this.#observe();
      case 'remove':
        failpoint('remove.before');
        await engine.containers.remove(step.ref);
        failpoint('remove.after');
        this.#hasRemoved = true;
        return this.#observe();
      case 'countExit': {
        const lines = await this.#lastLines(step.observed);
        if (step.made !== undefined) {
          const { ref: appliedRef } = step.observed;
          this.#learn({ ...CLEAN_RECORD, applied: step.made, appliedRef });
        }
        this.#learn(exitCount(this.#state, step.observed, lines, this.#now()));
        failpoint('exit.after');
        return;
      }
      case 'apply':
        return this.#apply(step);
    }
  }

  /** A pull that another container began is joined: with this org's own places, it may go on sooner. */
  async #lookAtImage(ref: string): Promise<void> {
    const { images } = this.#deps.engine;
    const request = this.#imageRequest(ref);
    const image = await images.observe(request);
    if (image.state !== 'queued' && image.state !== 'pulling') {
      this.#images.set(ref, image);
      return;
    }
    this.#lease.require();
    this.#images.set(ref, await images.ensure(request));
  }

  /** Whether its volumes are there, and nobody else's object has them. */
  async #lookAtVolumes(mounts: readonly VolumeMount[]): Promise<void> {
    const { engine, store } = this.#deps;
    for (const { volume } of mounts) {
      this.#lease.require();
      const observed = await engine.volumes.observe(volume);
      failpoint('look.after');
      const isHeld = observed?.heldBy.some((id) => id !== this.#claim.id) === true;
      this.#volumeLooks.set(volume.id, observed === null ? 'missing' : isHeld ? 'held' : 'free');
      // Its own turn says what has become of it.
      if (observed === null) await store.workWake('volume', volume.id, this.#now());
    }
  }

  /** What the engine has said of a version's volumes counts, though by a look none is in the way: no longer, or by others. */
  #believe(reason: 'volume_busy' | 'volume_missing', { volumes }: Version): void {
    if (volumes.some(({ volume }) => this.#volumeLooks.get(volume.id) !== 'free')) return;
    const look = reason === 'volume_busy' ? 'held' : 'missing';
    for (const { volume } of volumes) this.#volumeLooks.set(volume.id, look);
  }

  /** Evidence, which no restart waits for. @returns null when it can't be had. */
  async #lastLines({ ref, startedAt }: ContainerObservation): Promise<string | null> {
    try {
      const ofThisRun = startedAt === null ? {} : { since: startedAt };
      return await this.#deps.engine.containers.logs(ref, { ...LOG_TAIL, ...ofThisRun });
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
      const tenant = await this.#tenants.ensure(this.#work.org, this.#lease);
      failpoint('tenant.after');
      this.#lease.require();
      failpoint('apply.before');
      this.#observed = await this.#deps.engine.containers.apply(step.spec, tenant);
      failpoint('apply.after');
      this.#learn({ ...fresh, applied, appliedRef: this.#observed.ref });
      if (step.isRestart) this.#learn({ restartCount: this.#state.restartCount + 1 });
      if (this.#observed.state === 'running') this.#learn({ restartAt: null });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#tenants.forget(this.#work.org.id);
      if (error.reason === 'start_error') {
        this.#learn({ ...fresh, applied });
        this.#learn(startFailureCount(this.#state, error.message, this.#now()));
        await this.#observe();
        this.#learn({ appliedRef: this.#observed?.ref ?? null });
        return;
      }
      if (error.reason === 'image_missing') {
        this.#images.delete(version.image);
        if (!isNewVersion) this.#learn({ applied: { ...applied, imageId: null } });
        return;
      }
      if (error.reason === 'differs') return this.#observe();
      if (error.reason === 'volume_busy' || error.reason === 'volume_missing') {
        await this.#observe();
        await this.#lookAtVolumes(version.volumes);
        return this.#believe(error.reason, version);
      }
      throw error;
    }
  }

  #imageRequest(ref: string, since = this.#state.attemptAt): ImageRequest {
    return {
      ref,
      tenantId: this.#state.tenantId,
      since,
      containerId: this.#claim.id,
      wanted: [this.#state.desired.image, this.#state.applied?.version.image ?? ref],
    };
  }

  /** The engine failed: what is known is recorded, what is not is said to be unknown. */
  async #recordFailure(error: EngineError): Promise<void> {
    const now = this.#now();
    const failures = this.#claim.failures + 1;
    const isPermanent = error.kind === 'permanent';
    if (this.#state.deletedAt === null) {
      this.#learn(engineFailureTell(this.#state, this.#observed, error, failures, now));
    }
    turnFailureLog(this.#deps, this.#claim, error, failures);
    // Where it is a volume that can't be had, that is the volume's to tell, too.
    if (error.reason === 'engine_error') {
      for (const { volume } of this.#state.desired.volumes) {
        await this.#deps.store.workWake('volume', volume.id, now);
      }
    }
    const delayMs = retryDelayMs(failures, isPermanent, this.#deps.random);
    const retryAt = later(now, delayMs);
    const deadline = settleDeadline(this.#state);
    // The time by which it is told is not slept through.
    await this.#record(now < deadline ? earliest(retryAt, deadline) : retryAt, failures);
  }

  #learn(change: Partial<ContainerState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #now(): Date {
    return this.#deps.clock.now();
  }

  async #record(dueAt: Date | null, failures: number): Promise<void> {
    const { state } = this.#work;
    const next = { dueAt, failures };
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
  /** What the object that is there now does not have, and the former one, removed in this turn, may have had. */
  #released(): number[] {
    if (!this.#hasRemoved) return [];
    const { desired, applied } = this.#work.state;
    const isThere = this.#observed !== null && this.#observed !== undefined;
    const held = new Set(isThere ? volumeIds(this.#state.applied?.version) : []);
    return [...volumeIds(applied?.version), ...volumeIds(desired)].filter((id) => !held.has(id));
  }
}
