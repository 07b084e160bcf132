import type { EngineError, VolumeObservation } from '@dollarbox/engines/contract';
import { earliest, later } from '../base/moments.ts';
import { failpoint } from '../base/failpoints.ts';
import { NO_FAILURE, type NextTry, nextTry } from '../reconciler/next-try.ts';
import type { Lease, Reconcile } from '../reconciler/turn.ts';
import type { Claim } from '../reconciler/store.ts';
import { turnFailure, turnFailureLog } from '../reconciler/turn-failure.ts';
import type { VolumeKindDeps } from './kind-store.ts';
import {
  type VolumeState,
  type VolumeStep,
  volumeDeadline,
  volumeFailureTell,
  volumePlan,
} from './plan.ts';

/** More steps than any plan needs. A turn that takes more is continued in another turn. */
const MAX_STEPS = 6;

/** Makes the engine match a volume's row: observe, plan, act, record. */
export function volumeReconcilerCreate(deps: VolumeKindDeps): Reconcile {
  return async (claim, lease) => {
    const state = await deps.store.volumeWorkRead(claim.id);
    if (state === null) return volumeForget(deps, claim);
    await new Turn(deps, claim, lease, state).run();
  };
}

/** Nothing of it is left on the engine. */
async function volumeForget(deps: VolumeKindDeps, claim: Claim): Promise<void> {
  failpoint('volume.forget.before');
  await deps.store.volumeForget(claim);
  failpoint('volume.forget.after');
}

/** One turn of one volume. Findings are kept in `state` and recorded at the end. */
class Turn {
  readonly #deps: VolumeKindDeps;
  readonly #claim: Claim;
  readonly #lease: Lease;
  readonly #before: VolumeState;
  #state: VolumeState;
  #observed: VolumeObservation | null | undefined;
  #isDestroyed = false;

  constructor(deps: VolumeKindDeps, claim: Claim, lease: Lease, state: VolumeState) {
    this.#deps = deps;
    this.#claim = claim;
    this.#lease = lease;
    this.#before = state;
    // Times in the future were written by a wrong clock; treat them as now.
    this.#state = { ...state, attemptAt: earliest(state.attemptAt, deps.clock.now()) };
  }

  async run(): Promise<void> {
    try {
      for (let count = 0; count < MAX_STEPS; count += 1) {
        const step = volumePlan({
          state: this.#state,
          observed: this.#observed,
          isDestroyed: this.#isDestroyed,
          now: this.#now(),
        });
        if (step.do === 'forget') return await volumeForget(this.#deps, this.#claim);
        if (step.do === 'settle') {
          this.#learn(step.state);
          await this.#record(step.dueAt);
          return;
        }
        await this.#act(step);
      }
      await this.#record(this.#now());
    } catch (error) {
      const failure = turnFailure(this.#deps, this.#claim, error, () => {
        this.#state = this.#before;
      });
      await this.#recordFailure(failure);
    }
  }

  async #act(step: Exclude<VolumeStep, { do: 'settle' | 'forget' }>): Promise<void> {
    const { volumes } = this.#deps.engine;
    this.#lease.require();
    switch (step.do) {
      case 'observe':
        return this.#observe();
      case 'apply': {
        const { id, uid, tenantId, name, sizeGb, storageClass, imageVolume } = this.#state;
        failpoint('volume.apply.before');
        this.#observed = await volumes.apply({
          ...{ id, uid, tenantId, name, sizeGb, storageClass },
          ...(imageVolume && { imageVolume }),
        });
        failpoint('volume.apply.after');
        this.#learn({ ref: this.#observed.ref });
        return;
      }
      case 'remove':
        failpoint('volume.remove.before');
        await volumes.remove(step.ref);
        failpoint('volume.remove.after');
        this.#isDestroyed = true;
        this.#lease.require();
        return this.#observe();
    }
  }

  async #observe(): Promise<void> {
    this.#observed = await this.#deps.engine.volumes.observe(this.#state);
    failpoint('volume.observe.after');
  }

  async #recordFailure(error: EngineError): Promise<void> {
    const now = this.#now();
    const next = nextTry(this.#claim, error, this.#deps.random);
    this.#learn(volumeFailureTell(this.#state, error, next.failures, now));
    turnFailureLog(this.#deps, this.#claim, error, next);
    const retryAt = later(now, next.delayMs);
    const deadline = volumeDeadline(this.#state);
    // Wake up in time to report the failure.
    await this.#record(now < deadline ? earliest(retryAt, deadline) : retryAt, next);
  }

  #learn(change: Partial<VolumeState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #now(): Date {
    return this.#deps.clock.now();
  }

  async #record(
    dueAt: Date | null,
    { failures, hangs }: Pick<NextTry, 'failures' | 'hangs'> = NO_FAILURE,
  ): Promise<void> {
    const next = { dueAt, failures, hangs };
    failpoint('volume.record.before');
    await this.#deps.store.volumeRecord(this.#claim, this.#before, this.#state, this.#now(), next);
    failpoint('volume.record.after');
  }
}
