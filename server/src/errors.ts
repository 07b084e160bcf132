/** The error catalogue of the API: every code that a client may see, and its HTTP status. */
export const ERROR_STATUS = {
  authentication_failed: 401,
  permission_denied: 403,
  not_found: 404,
  validation_error: 400,
  org_required: 400,
  quota_exceeded: 403,
  conflict: 409,
  rate_limited: 429,
  api_disabled: 403,
  kubectl_disabled: 403,
  method_not_allowed: 405,
  payload_too_large: 413,
  unsupported_media_type: 415,
  precondition_failed: 412,
  idempotency_mismatch: 422,
  idempotency_in_progress: 409,
  reauthentication_required: 403,
  internal_error: 500,
  service_unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Faults by path of the field: `{"env.KEY": ["…"]}`. */
export type FieldFaults = Record<string, string[]>;

export interface ApiErrorOptions {
  detail?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** For the log only. */
  cause?: unknown;
}

/** An error that is answered as it is. `message` is one sentence that a person can act on. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.detail = options.detail ?? {};
    this.headers = options.headers ?? {};
  }
}

/** A fault of the operator's making: shown as one sentence, without a stack, and ends the process. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

export interface ErrorEnvelope {
  error: { code: ErrorCode; message: string; detail: Record<string, unknown> };
}

export function errorEnvelope(error: ApiError): ErrorEnvelope {
  return { error: { code: error.code, message: error.message, detail: error.detail } };
}

export function authenticationFailed(message: string): ApiError {
  return new ApiError('authentication_failed', message, {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** The same for a missing object, a foreign one and an id that can't be one. */
export function notFound(): ApiError {
  return new ApiError('not_found', 'Not found.');
}

export function validationError(fields: FieldFaults, message?: string): ApiError {
  const names = Object.keys(fields);
  const summary =
    message ??
    (names.length === 1 && names[0] !== undefined
      ? `The field "${names[0]}" is not valid: ${fields[names[0]]?.[0] ?? ''}`
      : `${names.length} fields are not valid: ${names.slice(0, 10).join(', ')}.`);
  return new ApiError('validation_error', summary, { detail: { fields } });
}

export function serviceUnavailable(message: string, cause?: unknown): ApiError {
  return new ApiError('service_unavailable', message, { headers: { 'retry-after': '2' }, cause });
}
