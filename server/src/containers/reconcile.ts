import {
  type ContainerObservation,
  EngineError,
  type ImageRequest,
  type ImageState,
} from '@dollarbox/engines/contract';
import { isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import { type Lease, LeaseLost, type Reconcile } from '../reconciler/loop.ts';
import { type Claim, type ContainerWork, FenceLost } from '../reconciler/store.ts';
import { retryDelayMs } from '../reconciler/backoff.ts';
import { earliest, later } from './moments.ts';
import {
  engineFailureTell,
  exitCount,
  settleDeadline,
  startFailureCount,
  stateHeldTo,
  unreadableTell,
} from './outcomes.ts';
import { type ContainerState, type Step, containerPlan } from './plan.ts';
import { type Tenants, tenantsCreate } from './tenants.ts';

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
async function containerForget(deps: ReconcileDeps, claim: Claim): Promise<void> {
  failpoint('forget.before');
  await deps.store.containerForget(claim, deps.clock.now());
  failpoint('forget.after');
  await deps.engine.images.abandon(claim.id);
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
          now: this.#now(),
        });
        if (step.do === 'forget') return await containerForget(this.#deps, this.#claim);
        if (step.do === 'settle') {
          this.#learn(step.state);
          await this.#record(step.dueAt, 0);
          return;
        }
        await this.#act(step);
      }
      await this.#record(this.#now(), 0);
    } catch (error) {
      await this.#recordFailure(this.#failureOf(error));
    }
  }

  /** @throws what is no failure of this container's: the database is away, or another worker has taken over. */
  #failureOf(error: unknown): EngineError {
    if (error instanceof EngineError) return error;
    const isOurs = error instanceof FenceLost || error instanceof LeaseLost;
    if (isOurs || isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
    // A bug. It is told and tried again, from the row as it is: what was learned may be what broke it.
    this.#deps.log.error({ err: error, container: this.#claim.id }, 'a reconcile broke off');
    this.#state = stateHeldTo(this.#work.state, this.#now());
    const message = 'Something went wrong on our side; it is tried again.';
    return new EngineError('retryable', 'engine_error', message, { cause: error });
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
    // Ever more seldom: an engine that is away fails every container that has something due.
    const isTold = (failures & (failures - 1)) === 0;
    this.#deps.log[isTold ? 'warn' : 'debug'](
      { err: error, cause: error.cause, container: this.#claim.id, failures },
      'the engine could not bring a container to its desired state',
    );
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
    failpoint('record.before');
    await this.#deps.store.containerRecord(this.#claim, state, this.#state, this.#now(), {
      dueAt,
      failures,
    });
    failpoint('record.after');
  }
}
