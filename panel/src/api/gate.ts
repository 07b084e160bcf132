/** What a request may need from the page before it can go on. */
export interface Gate {
  /** Asks the person to prove who they are. @returns whether they did. */
  proveIdentity(): Promise<boolean>;
  /** The session is over: from now on nobody is signed in. */
  sessionEnded(): void;
}

type Fetch = (request: Request) => Promise<Response>;

/** Answered 401 for a wrong password or code, not for a session that is over. */
const OPEN_PATHS =
  /^\/api\/account\/(sign-in|sign-up|verify-email|verification-email|password-reset|email\/confirm|setup)\b/;
const ACCOUNT_PATH = '/api/account/';

/**
 * Sends requests. One that is refused for want of a fresh proof asks for it and is sent again; one that is refused
 * though somebody is signed in is sent once more, since the session's cookie may have been renewed meanwhile.
 */
export function guardedFetchMake(gate: () => Gate, fetch: Fetch): Fetch {
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
