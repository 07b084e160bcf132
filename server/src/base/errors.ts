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
  cursor_expired: 410,
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

/** An error that is sent to the client as it is. `message` is one sentence that a person can act on. */
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

/** An error that the operator can fix. It is shown as one sentence, without a stack, and ends the process. */
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

/** The same error for a missing object, one in another org, and an id that can't be valid. */
export function notFound(): ApiError {
  return new ApiError('not_found', 'Not found.');
}

/**
 * Every fault of a request. Some clients show only the message, so it states the first fault in full.
 * @param message replaces that default message.
 */
export function validationError(fields: FieldFaults, message?: string): ApiError {
  return new ApiError('validation_error', message ?? faultsSummarise(fields), {
    detail: { fields },
  });
}

function faultsSummarise(fields: FieldFaults): string {
  const faults = Object.entries(fields).flatMap(([path, sentences]) =>
    sentences.map((sentence) => ({ path, sentence })),
  );
  const [first, ...more] = faults;
  if (first === undefined) return 'The request is not valid.';
  const text = `The field "${first.path}" is not valid: ${first.sentence}`;
  if (more.length === 0) return text;
  const count = more.length === 1 ? '1 more fault is' : `${more.length} more faults are`;
  return `${text} (${count} listed in "detail".)`;
}

export function serviceUnavailable(message: string, cause?: unknown): ApiError {
  return new ApiError('service_unavailable', message, { headers: { 'retry-after': '2' }, cause });
}

/** A person has to prove again that it is them, within the last minutes. */
export function reauthenticationRequired(): ApiError {
  return new ApiError(
    'reauthentication_required',
    'Confirm that it is you: enter your password again, or use your passkey.',
  );
}
