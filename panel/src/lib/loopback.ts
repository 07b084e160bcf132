/** What a program on this computer asks for in the address of the page. */
export interface LoopbackRequest {
  client: string;
  redirectUri: string;
  state: string;
  codeChallenge: string;
  scope: 'read' | 'write';
  org: string | null;
}

const REDIRECT = /^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d{0,4}\/callback$/;

/** @returns null if the address is incomplete, or leads elsewhere than to a program on this computer. */
export function loopbackRequestOf(search: Partial<Record<string, string>>): LoopbackRequest | null {
  const { client, redirect_uri: redirectUri = '', state, scope, org } = search;
  const { code_challenge: codeChallenge, code_challenge_method: method } = search;
  if (client === undefined || state === undefined || codeChallenge === undefined) return null;
  if (method !== 'S256' || !REDIRECT.test(redirectUri)) return null;
  return {
    ...{ client, redirectUri, state, codeChallenge, org: org ?? null },
    scope: scope === 'read' ? 'read' : 'write',
  };
}

/** The address by which a program learns that the person refuses. Source: RFC 6749, section 4.1.2.1. */
export function refusalUrl({ redirectUri, state }: LoopbackRequest): string {
  return `${redirectUri}?${new URLSearchParams({ error: 'access_denied', state })}`;
}
