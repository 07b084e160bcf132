import { DollarboxError, WaitTimeout } from '@dollarbox/client';

/** Why the program ended. Documented in the README of this folder: scripts depend on it. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  authentication: 4,
  notFound: 5,
  quota: 6,
  unsettled: 8,
  timedOut: 124,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;

/** An error with what the person can do about it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: ExitName;
  readonly hint: string | null;

  constructor(exit: ExitName, message: string, hint: string | null = null) {
    super(message);
    this.exit = exit;
    this.hint = hint;
  }
}

/** The person has interrupted the program. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The exit code for what a command has thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return EXIT[error.exit];
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof WaitTimeout) return EXIT.timedOut;
  if (!(error instanceof DollarboxError)) return EXIT.error;
  if (error.code === 'quota_exceeded') return EXIT.quota;
  if (error.code === 'validation_error' || error.code === 'org_required') return EXIT.usage;
  if (error.status === 401) return EXIT.authentication;
  return error.status === 404 ? EXIT.notFound : EXIT.error;
}

/** What is shown of an error: its message, all that is wrong with the input, and what to do. */
export function errorText(error: unknown): string {
  if (error instanceof Interrupted) return 'Interrupted.';
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const lines = [`error: ${messageOf(error)}`];
  if (error instanceof DollarboxError) lines.push(...faultLines(error));
  const hint = error instanceof CliError ? error.hint : hintOf(error);
  if (hint !== null) lines.push(`hint: ${hint}`);
  return lines.join('\n');
}

function messageOf(error: Error): string {
  // What `fetch` throws says why in its cause only.
  if (!(error instanceof TypeError) || error.cause === undefined) return error.message;
  const { cause } = error;
  const reasons = cause instanceof AggregateError ? cause.errors : [cause];
  const texts = reasons.map((reason) =>
    reason instanceof Error ? reason.message : String(reason),
  );
  return `The server can't be reached: ${[...new Set(texts)].join('; ')}.`;
}

/** The faults that the message, which names the first one only, leaves out. */
function faultLines({ detail }: DollarboxError): string[] {
  const fields = Object.entries((detail['fields'] ?? {}) as Record<string, string[]>);
  const all = fields.flatMap(([field, faults]) => faults.map((fault) => `  ${field}: ${fault}`));
  return all.length > 1 ? all : [];
}

function hintOf(error: Error): string | null {
  if (!(error instanceof DollarboxError)) {
    return error instanceof TypeError ? 'Check the address: --url, or `dollarbox whoami`.' : null;
  }
  if (error.status === 401) return 'Sign in with `dollarbox login`, or pass a token with --token.';
  if (error.code === 'org_required') return 'Name the org with --org.';
  if (error.code === 'quota_exceeded') return 'See `dollarbox orgs usage` for what is in use.';
  if (error.status >= 500 && error.requestId !== null) {
    return `The server's log has more about the request ${error.requestId}.`;
  }
  return null;
}
