import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { Client } from 'pg';
import type { PanelScene } from './panel-scene.ts';

/** 50 letters, as long as people may make names of most things. */
export const LONG_NAME = 'Department of Unreasonably Long Organisation Names';
const LONG_DNS = 'a-container-whose-name-is-as-long-as-names-may-be-';

/** An org with a number of rows in each of its lists. */
export interface FilledOrg {
  slug: string;
  name: string;
}

/**
 * Makes an org of the scene's owner, with so many containers, volumes, registries, members and invitations.
 * @param isLong gives everything a name of 50 letters.
 */
export async function orgFill(
  scene: PanelScene,
  org: FilledOrg,
  count: number,
  isLong = false,
): Promise<void> {
  const { slug, name } = org;
  const { admin, url } = scene.server;
  await admin('org-create', '--slug', slug, '--name', name, '--owner', scene.owner.email);
  await admin('org-limits', '--org', slug, '--containers', '1000', '--volume-gb', '100000');
  const token = /^ +token +(\S+)$/m.exec(scene.server.output())?.[1] ?? '';
  const client = dollarboxClientCreate({ baseUrl: url, token, org: slug });
  const long = (index: number) => `${LONG_DNS}${index}`.slice(-50).replace(/^-/, 'a');
  const nameOf = (kind: string, index: number) => (isLong ? long(index) : `${kind}-${index}`);
  await inTens(count, async (index) => {
    const body = { name: nameOf('web', index), image: 'nginx:1.27', ports: [80] };
    await unwrap(client.POST('/containers/', { body }));
  });
  await inTens(count, async (index) => {
    await unwrap(client.POST('/volumes/', { body: { name: nameOf('data', index), size_gb: 1 } }));
  });
  await inTens(Math.min(count, 50), async (index) => {
    const email = isLong
      ? `${LONG_NAME.replaceAll(' ', '.').toLowerCase()}${index}@example.com`
      : `guest-${index}@example.com`;
    await unwrap(client.POST('/invitations/', { body: { email, role: 'member' } }));
  });
  await membersFill(scene.databaseUrl, slug, count, isLong);
}

/** People who never sign in: with passwords they would take minutes. */
async function membersFill(databaseUrl: string, slug: string, count: number, isLong: boolean) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `with made as (
       insert into users (email, name, created_at)
       select $1 || '-' || n || '@example.com', $2, now() from generate_series(1, $3::int) as n
       returning id)
     insert into memberships (org_id, user_id, role, joined_at)
     select orgs.id, made.id, 'member', now() from orgs, made where orgs.slug = $1`,
    [slug, isLong ? LONG_NAME : 'Grace Hopper', count],
  );
  await client.end();
}

async function inTens(count: number, make: (index: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += 10) {
    const length = Math.min(10, count - first);
    await Promise.all(Array.from({ length }, (_, index) => make(first + index)));
  }
}
