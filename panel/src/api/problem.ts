import { DollarboxError } from '@dollarbox/client';
import type { FormFault } from '../components/ui/form.tsx';
import { waitText } from '../lib/moments.ts';

const UNREACHED: FormFault = {
  message: 'The server could not be reached. Check your connection, then try again.',
  fields: {},
};

/** The only place where an error becomes a message for people. */
export function problemOf(error: unknown): FormFault {
  if (error instanceof DollarboxError) {
    return { message: messageOf(error), fields: fieldsOf(error.detail['fields']) };
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') return UNREACHED;
  if (error instanceof DOMException) return { message: passkeyMessageOf(error), fields: {} };
  if (error instanceof TypeError) return UNREACHED;
  return { message: error instanceof Error ? error.message : 'Something went wrong.', fields: {} };
}

/** Like `problemOf`, but null when there is no error, and when the person chose not to confirm their identity. */
export function problemOrNull(error: unknown): FormFault | null {
  return error === null || error === undefined || isDeclined(error) ? null : problemOf(error);
}

/** Whether a request was given up because the person closed the dialog that asks for their identity. */
export function isDeclined(error: unknown): boolean {
  return error instanceof DollarboxError && error.code === 'reauthentication_required';
}

/** Whether a retry could help: not when the server refused the request. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof DollarboxError) || error.status >= 500;
}

function messageOf(error: DollarboxError): string {
  const seconds = error.detail['retry_after'];
  if (error.code === 'rate_limited' && typeof seconds === 'number') {
    return `Too many attempts. Wait ${waitText(seconds)}, then try again.`;
  }
  if (error.code === 'internal_error' && error.requestId !== null) {
    return `Something went wrong on the server. If it happens again, give the operator this request id: ${error.requestId}.`;
  }
  return error.message;
}

/** The first fault of each field, by its whole path (`volumes.0.mount_path`). */
function fieldsOf(detail: unknown): Record<string, string> {
  if (typeof detail !== 'object' || detail === null) return {};
  const fields: Record<string, string> = {};
  for (const [path, faults] of Object.entries(detail)) {
    const first: unknown = Array.isArray(faults) ? faults[0] : faults;
    if (typeof first === 'string') fields[path] = first;
  }
  return fields;
}

function passkeyMessageOf(error: DOMException): string {
  if (error.name === 'InvalidStateError')
    return 'This device already has a passkey for your account.';
  if (error.name === 'NotAllowedError' || error.name === 'AbortError') {
    return 'No passkey was chosen, or the request timed out. Try again.';
  }
  return 'Your browser could not use a passkey.';
}
