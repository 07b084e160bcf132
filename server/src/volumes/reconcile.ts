import type { EngineError, VolumeObservation } from '@dollarbox/engines/contract';
import { earliest, later } from '../containers/moments.ts';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import { retryDelayMs } from '../reconciler/backoff.ts';
import type { Lease, Reconcile } from '../reconciler/loop.ts';
import type { Claim } from '../reconciler/store.ts';
import { turnFailure, turnFailureLog } from '../reconciler/turn-failure.ts';
import {
  type VolumeState,
  type VolumeStep,
  volumeDeadline,
  volumeFailureTell,
  volumePlan,
} from './plan.ts';

/** More steps than any plan needs: past them, it goes on in another turn. */
const MAX_STEPS = 6;

/** Makes the engine hold what a volume's row says: observe, plan, act, record. */
export function volumeReconcilerCreate(deps: ReconcileDeps): Reconcile {
  return async (claim, lease) => {
    const state = await deps.store.volumeWorkRead(claim.id);
    if (state === null) return volumeForget(deps, claim);
    await new Turn(deps, claim, lease, state).run();
  };
}

/** The engine has nothing left of it. */
async function volumeForget(deps: ReconcileDeps, claim: Claim): Promise<void> {
  failpoint('volume.forget.before');
  await deps.store.volumeForget(claim);
  failpoint('volume.forget.after');
}

/** One turn of one volume. What it learns is kept in `state`, and recorded at its end. */
class Turn {
  readonly #deps: ReconcileDeps;
  readonly #claim: Claim;
  readonly #lease: Lease;
  readonly #before: VolumeState;
  #state: VolumeState;
  #observed: VolumeObservation | null | undefined;
  #isDestroyed = false;

  constructor(deps: ReconcileDeps, claim: Claim, lease: Lease, state: VolumeState) {
    this.#deps = deps;
    this.#claim = claim;
    this.#lease = lease;
    this.#before = state;
    // What a clock that was wrong has written did not happen in the future.
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
          await this.#record(step.dueAt, 0);
          return;
        }
        await this.#act(step);
      }
      await this.#record(this.#now(), 0);
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
        const { id, uid, tenantId, name, sizeGb } = this.#state;
        failpoint('volume.apply.before');
        this.#observed = await volumes.apply({ id, uid, tenantId, name, sizeGb });
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
    const failures = this.#claim.failures + 1;
    this.#learn(volumeFailureTell(this.#state, error, failures, now));
    turnFailureLog(this.#deps, this.#claim, error, failures);
    const isPermanent = error.kind === 'permanent';
    const retryAt = later(now, retryDelayMs(failures, isPermanent, this.#deps.random));
    const deadline = volumeDeadline(this.#state);
    // The time by which it is told is not slept through.
    await this.#record(now < deadline ? earliest(retryAt, deadline) : retryAt, failures);
  }

  #learn(change: Partial<VolumeState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #now(): Date {
    return this.#deps.clock.now();
  }

  async #record(dueAt: Date | null, failures: number): Promise<void> {
    const next = { dueAt, failures };
    failpoint('volume.record.before');
    await this.#deps.store.volumeRecord(this.#claim, this.#before, this.#state, this.#now(), next);
    failpoint('volume.record.after');
  }
}
