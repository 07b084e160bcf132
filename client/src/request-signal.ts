/**
 * A request that keeps the signal it was made with. In Node, `Request.signal` follows that one only until the `Request`
 * is collected as garbage, which may happen while its reply is awaited or read. `fetch` must therefore be given the signal
 * itself. Source: https://github.com/nodejs/undici/issues/3644 and /4068
 */
export class SignalledRequest extends Request {
  readonly givenSignal: AbortSignal | null;

  constructor(input: string | URL | Request, init?: RequestInit) {
    super(input, init);
    this.givenSignal = init?.signal ?? null;
  }
}

/** The signal that a request was made with, if that is known, else the request's own. */
export function signalOf(request: Request): AbortSignal {
  return (request instanceof SignalledRequest ? request.givenSignal : null) ?? request.signal;
}
