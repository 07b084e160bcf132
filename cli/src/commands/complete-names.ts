import { type DollarboxClient, dollarboxClientCreate, listAll } from '@dollarbox/client';
import { connectionResolve } from '../base/connection.ts';
import { allOf } from '../base/find.ts';
import type { CliContext } from '../base/io.ts';

/** A shell waits for what it is proposed, so a slow server is not waited for. */
const TIMEOUT_MS = 2000;

/** Proposes names of what there is; nothing if the server can't be asked. */
function namesPropose(list: (client: DollarboxClient) => AsyncIterable<string>) {
  return async function propose(this: CliContext, partial: string): Promise<readonly string[]> {
    try {
      const { url, token, org } = await connectionResolve(this.io, {});
      const client = dollarboxClientCreate({
        ...{ baseUrl: url, token, retries: 0 },
        ...(org === undefined ? {} : { org }),
        fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
      });
      return (await allOf(list(client))).filter((name) => name.startsWith(partial));
    } catch {
      return [];
    }
  };
}

export const containersPropose = namesPropose(async function* names(client) {
  for await (const { name } of listAll(client, '/containers/')) yield name;
});

export const volumesPropose = namesPropose(async function* names(client) {
  for await (const { name } of listAll(client, '/volumes/')) yield name;
});

export const orgsPropose = namesPropose(async function* names(client) {
  for await (const { slug } of listAll(client, '/orgs/')) yield slug;
});
