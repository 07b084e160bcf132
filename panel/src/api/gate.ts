/** What a request may need from the page. */
export interface Gate {
  /** Asks the person to confirm their identity. @returns whether they did. */
  proveIdentity(): Promise<boolean>;
  /** Called when the session has ended. */
  sessionEnded(): void;
}

type Fetch = (request: Request) => Promise<Response>;

/** A 401 from these paths means a wrong password or code, not an ended session. */
const OPEN_PATHS =
  /^\/api\/account\/(sign-in|sign-up|verify-email|verification-email|password-reset|email\/confirm|setup)\b/;
const ACCOUNT_PATH = '/api/account/';

/**
 * Sends requests. If a request needs a recent proof of identity, asks for it and sends the request again. If a request
 * gets 401 although somebody is signed in, sends it once more, because the session cookie may have been renewed.
 */
export function guardedFetchCreate(gate: () => Gate, fetch: Fetch): Fetch {
  return async (request) => {
    const again = () => fetch(copy.clone());
    const copy = request.clone();
    const response = await fetch(request);
    const { pathname, origin } = new URL(request.url);
    if (response.status === 403 && (await codeOf(response)) === 'reauthentication_required') {
      return (await gate().proveIdentity()) ? again() : response;
    }
    if (response.status === 401 && !OPEN_PATHS.test(pathname)) {
      if (pathname !== ACCOUNT_PATH || request.method !== 'GET') {
        const account = await fetch(new Request(`${origin}${ACCOUNT_PATH}`));
        if (account.ok) return again();
        if (account.status !== 401) return response;
      }
      gate().sessionEnded();
    }
    return response;
  };
}

async function codeOf(response: Response): Promise<string | undefined> {
  try {
    const body = (await response.clone().json()) as { error?: { code?: string } };
    return body.error?.code;
  } catch {
    return undefined;
  }
}
