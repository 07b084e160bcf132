import { type DomainError, InvalidInput, type RefusalReason } from '../base/domain-error.ts';
import {
  ApiError,
  type ErrorCode,
  notFound,
  serviceUnavailable,
  validationError,
} from '../base/errors.ts';

const CODES: Record<RefusalReason, ErrorCode> = {
  not_found: 'not_found',
  invalid: 'validation_error',
  name_taken: 'conflict',
  slug_taken: 'conflict',
  address_taken: 'conflict',
  already_member: 'conflict',
  already_invited: 'conflict',
  invitation_over: 'conflict',
  other_address: 'conflict',
  volume_mounted: 'conflict',
  last_owner: 'conflict',
  busy: 'conflict',
  quota_exceeded: 'quota_exceeded',
  kubectl_disabled: 'kubectl_disabled',
  not_permitted: 'permission_denied',
  storage_low: 'service_unavailable',
  storage_unknown: 'service_unavailable',
  isolation_unproven: 'service_unavailable',
  isolation_weak: 'permission_denied',
  org_not_empty: 'conflict',
  prefix_full: 'service_unavailable',
  contended: 'service_unavailable',
  not_authenticated: 'authentication_failed',
  too_many_attempts: 'rate_limited',
  limit_reached: 'conflict',
  already_added: 'conflict',
  wrong_state: 'conflict',
  sign_up_refused: 'conflict',
  not_confirmed: 'conflict',
  engine_unavailable: 'service_unavailable',
};

/** A refusal by an operation as an error of the API. */
export function domainErrorTranslate(error: DomainError): ApiError {
  if (error instanceof InvalidInput) return validationError(error.faults, error.summary);
  const code = CODES[error.reason];
  if (code === 'not_found') return notFound();
  if (code === 'service_unavailable') return serviceUnavailable(error.message, error);
  const { message, detail } = error;
  return new ApiError(code, message, { detail, headers: headersOf(error), cause: error.cause });
}

function headersOf({ reason, detail }: DomainError): Record<string, string> {
  if (reason === 'not_authenticated') return { 'www-authenticate': 'Session' };
  if (reason === 'too_many_attempts') return { 'retry-after': String(detail['retry_after']) };
  return {};
}
