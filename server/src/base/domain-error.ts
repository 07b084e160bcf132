import type { FieldFaults } from './errors.ts';

/** Why an operation refuses. Each edge (HTTP, command line, simulation) translates these in one place. */
export type RefusalReason =
  | 'not_found'
  | 'invalid'
  | 'name_taken'
  | 'slug_taken'
  | 'address_taken'
  | 'already_member'
  | 'already_invited'
  | 'invitation_over'
  | 'other_address'
  | 'volume_mounted'
  | 'last_owner'
  | 'busy'
  | 'quota_exceeded'
  | 'kubectl_disabled'
  | 'not_permitted'
  | 'storage_low'
  | 'storage_unknown'
  | 'isolation_unproven'
  | 'isolation_weak'
  | 'org_not_empty'
  | 'prefix_full'
  | 'contended'
  /** The caller did not prove who they are. */
  | 'not_authenticated'
  /** `detail.retry_after`: the seconds to wait. */
  | 'too_many_attempts'
  | 'limit_reached'
  | 'already_added'
  /** The object is in a state in which this can't be done. */
  | 'wrong_state'
  | 'sign_up_refused'
  /** It destroys something, which needs a confirmation. */
  | 'not_confirmed'
  | 'engine_unavailable';

/** A refusal by an operation, independent of any transport. `message` is one sentence that a person can act on. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly reason: RefusalReason;
  readonly detail: Record<string, unknown>;

  constructor(
    reason: RefusalReason,
    message: string,
    detail: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = reason;
    this.detail = detail;
  }
}

/** What is wrong with an input, by the path of the field. */
export class InvalidInput extends DomainError {
  readonly faults: FieldFaults;
  /** A sentence about the whole input; undefined: the faults say everything. */
  readonly summary: string | undefined;

  constructor(faults: FieldFaults, summary?: string) {
    super('invalid', summary ?? Object.values(faults).flat().join(' '));
    this.faults = faults;
    this.summary = summary;
  }
}

/** The same error for an object that does not exist, one in another org, and an id that can't be valid. */
export function objectMissing(): DomainError {
  return new DomainError('not_found', 'Not found.');
}

/** Used if the conflict has disappeared each time the operation looks for it. */
export function contended(): DomainError {
  return new DomainError('contended', 'Other requests were in the way: try again.');
}
