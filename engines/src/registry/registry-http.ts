/**
 * Requests to registries that tenants named. The address that was checked is the address connected to, including for
 * redirects and token servers: a name can't lead elsewhere between check and use.
 */
import { PullError } from './pull-error.ts';
import { registryRequest } from './registry-connect.ts';
import type { RegistryAccess, RegistryMethod, RegistryReply } from './registry-connect.ts';

export type { RegistryAccess, RegistryReply } from './registry-connect.ts';

/** The same limit as Go's HTTP client, and so Docker. */
const REDIRECTS_MAX = 10;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface SendOptions {
  /** Default: GET. */
  method?: RegistryMethod;
  /** Called for each host on the way, so that a credential is sent only to its own host. */
  headersFor(url: URL): Record<string, string>;
  /** Whether the content is checked by its digest, so that a redirect to plain HTTP does no harm. */
  isDigested?: boolean;
}

/**
 * Sends a request, following redirects.
 * @throws PullError `image_rejected` if it leads to a forbidden literal address; otherwise Node's own errors, `ENOTFOUND`
 *   for a name with a forbidden address, too.
 */
export async function registrySend(
  start: URL,
  { method = 'GET', headersFor, isDigested = false }: SendOptions,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<RegistryReply> {
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const reply = await registryRequest(url, { method, headers: headersFor(url) }, access, signal);
    const { location } = reply.headers;
    if (!REDIRECT_STATUSES.has(reply.status) || location === undefined) return reply;
    reply.body.destroy();
    const next = URL.parse(location, url);
    const isWeaker = url.protocol === 'https:' && next?.protocol !== 'https:' && !isDigested;
    if (
      next === null ||
      !['https:', 'http:'].includes(next.protocol) ||
      isWeaker ||
      redirects >= REDIRECTS_MAX
    ) {
      throw new PullError(
        'image_pull_error',
        "The registry redirects to an address that can't be followed.",
      );
    }
    // Userinfo in an address would be a credential that the registry chose.
    next.username = '';
    next.password = '';
    url = next;
  }
}

/** Reads a whole reply. @throws PullError if it is longer than allowed. */
export async function replyRead(reply: RegistryReply, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      reply.body.destroy();
      throw new PullError(
        'image_rejected',
        'The registry sent a description of the image that is too long.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
