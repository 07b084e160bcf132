import { DollarboxError } from '@dollarbox/client';
import type { FormFault } from '../components/ui/form.tsx';
import { waitText } from '../lib/moments.ts';

/** The one place where what went wrong becomes what a person reads. */
export function problemOf(error: unknown): FormFault {
  if (error instanceof DollarboxError) {
    return { message: messageOf(error), fields: fieldsOf(error.detail['fields']) };
  }
  if (error instanceof DOMException) return { message: passkeyMessageOf(error), fields: {} };
  if (error instanceof TypeError) {
    return {
      message: 'The server could not be reached. Check your connection, then try again.',
      fields: {},
    };
  }
  return { message: error instanceof Error ? error.message : 'Something went wrong.', fields: {} };
}

/** The same, of something that may not have failed. */
export function problemOrNull(error: unknown): FormFault | null {
  return error === null || error === undefined ? null : problemOf(error);
}

/** Whether asking again could help: not when the answer was a refusal. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof DollarboxError) || error.status >= 500;
}

function messageOf(error: DollarboxError): string {
  const seconds = error.detail['retry_after'];
  if (error.code === 'rate_limited' && typeof seconds === 'number') {
    return `Too many tries. Wait ${waitText(seconds)}, then try again.`;
  }
  if (error.code === 'internal_error' && error.requestId !== null) {
    return `Something went wrong on the server: if it happens again, tell the operator the request id ${error.requestId}.`;
  }
  return error.message;
}

/** The first fault of each field, by the field's name; of a path the part before the first dot. */
function fieldsOf(detail: unknown): Record<string, string> {
  if (typeof detail !== 'object' || detail === null) return {};
  const fields: Record<string, string> = {};
  for (const [path, faults] of Object.entries(detail)) {
    const first: unknown = Array.isArray(faults) ? faults[0] : faults;
    if (typeof first === 'string') fields[path.split(/[.[]/)[0] ?? path] ??= first;
  }
  return fields;
}

function passkeyMessageOf(error: DOMException): string {
  if (error.name === 'InvalidStateError')
    return 'This device has a passkey of your account already.';
  if (error.name === 'NotAllowedError' || error.name === 'AbortError') {
    return 'No passkey was chosen, or it took too long. Try again.';
  }
  return 'The browser could not use a passkey here.';
}
