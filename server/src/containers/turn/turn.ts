// One turn of one container: what it started from, and what it has found so far.
import {
  type ContainerObservation,
  ENGINE_TIMEOUT,
  type EngineError,
  type ImageState,
} from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import type { Claim } from '../../reconciler/store.ts';
import type { Lease } from '../../reconciler/turn.ts';
import type { ContainerKindDeps, ContainerWork, LastInstance } from '../kind-store.ts';
import { stateHeldTo } from '../outcomes.ts';
import type { ContainerState } from '../state.ts';
import type { Tenants } from '../tenants.ts';
import type { VolumeLook } from '../volume-block.ts';

/** The exit record of a new version. */
export const CLEAN_RECORD = { exitTimes: [], restartAt: null };

/** Findings are kept in `state`, and recorded at the end. */
export class Turn {
  readonly deps: ContainerKindDeps;
  readonly tenants: Tenants;
  readonly claim: Claim;
  readonly lease: Lease;
  readonly work: ContainerWork;
  state: ContainerState;
  lastInstance: LastInstance | null;
  /** The exits that were counted when it was recorded. */
  countedExits: Pick<ContainerState, 'exitRef' | 'exitCount' | 'exitFinishedAt'>;
  /** undefined: not checked yet. */
  observed: ContainerObservation | null | undefined;
  readonly images = new Map<string, ImageState>();
  readonly volumeLooks = new Map<number, VolumeLook>();
  /** Why there is no room for the volumes of the image; null: it was not tried. */
  noRoom: string | null = null;
  /** How often the engine was asked in vain to start the container. */
  applies = 0;
  /** The lines of the observed object were kept after it was observed. */
  hasKept = false;
  /** The engine did not answer a call that the turn could do without. */
  hasHung = false;
  /** An object of this container was removed in this turn. */
  hasRemoved = false;

  constructor(
    deps: ContainerKindDeps,
    tenants: Tenants,
    claim: Claim,
    lease: Lease,
    work: ContainerWork,
  ) {
    this.deps = deps;
    this.tenants = tenants;
    this.claim = claim;
    this.lease = lease;
    this.work = work;
    this.lastInstance = work.lastInstance;
    this.countedExits = work.state;
    this.state = stateRead(deps, work);
  }

  learn(change: Partial<ContainerState>): void {
    this.state = { ...this.state, ...change };
  }

  /** What was learned may have caused a failure: starts again from the row. */
  unlearn(): void {
    this.state = stateRead(this.deps, this.work);
  }

  /** Goes on without what a call would have told. */
  giveUp(error: EngineError): void {
    if (error.reason === ENGINE_TIMEOUT) this.hasHung = true;
  }

  async observe(): Promise<void> {
    this.lease.require();
    this.see(await this.deps.engine.containers.observe(this.claim.id));
    failpoint('observe.after');
  }

  /** An address that the engine assigned is recorded once, and stays. */
  see(observed: ContainerObservation | null): void {
    this.observed = observed;
    this.hasKept = false;
    const { ipv6Address } = this.state;
    if (ipv6Address === null && observed !== null) {
      this.learn({ ipv6Address: observed.ipv6Address });
    }
  }

  /** Nothing of it is to run. */
  isStopped(): boolean {
    return this.state.isSuspended || this.state.isStopped;
  }

  now(): Date {
    return this.deps.clock.now();
  }
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
