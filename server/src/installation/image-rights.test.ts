import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { MIGRATED_DATABASE } from '../../test/support/database-template.ts';
import { type Db, databaseOpen } from '../db/database.ts';
import { imageRightStoreCreate } from './image-rights.ts';

let db: Db;
let drop: () => Promise<void>;
let now = new Date('2026-01-01T00:00:00Z');
before(async () => {
  const database = await databaseCreate(MIGRATED_DATABASE);
  db = databaseOpen({ connectionString: database.url });
  drop = () => database.drop();
});
after(async () => {
  await db.destroy();
  await drop();
});

async function orgAdd(slug: string): Promise<number> {
  await db.insertInto('org_slugs').values({ slug }).execute();
  const { id } = await db
    .insertInto('orgs')
    .values({
      slug,
      name: slug,
      ipv6_subnet: `fd00:${slug}::/64`,
      ipv4_subnet: null,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

it('an org has a right to what its own pull of a reference obtained last', async () => {
  const store = imageRightStoreCreate(db, { now: () => now });
  const [one, two] = [await orgAdd('a'), await orgAdd('b')];
  const right = {
    ...{ ref: 'r.example.com/app:1', registry: 'r.example.com', imageId: 'first' },
    ...{ credentialId: null, layers: ['sha256:1'] },
  };
  assert.equal(await store.add(one, right), true);
  assert.equal(await store.find(one, right.ref), 'first');
  assert.equal(await store.find(two, right.ref), null);
  assert.deepEqual(await store.imagesOf(two), []);
  assert.deepEqual(await store.imagesFrom('r.example.com'), [
    { imageId: 'first', layers: ['sha256:1'] },
  ]);
  assert.deepEqual(await store.imagesFrom('other.example.com'), []);

  await store.add(one, { ...right, imageId: 'second', layers: [] });
  assert.equal(await store.find(one, right.ref), 'second');
  assert.deepEqual(await store.imagesOf(one), ['second']);
  assert.deepEqual(await store.imagesFrom('r.example.com'), []);
});

it('rights to images that are gone are removed, unless they were recorded since', async () => {
  const store = imageRightStoreCreate(db, { now: () => now });
  const org = await orgAdd('c');
  const add = (ref: string, imageId: string) =>
    store.add(org, { ref, registry: 'r', imageId, credentialId: null, layers: [] });
  await add('kept', 'kept');
  await add('gone', 'gone');
  now = new Date('2026-01-01T01:00:00Z');
  await add('new', 'new');
  await store.retain(['kept'], now);
  assert.deepEqual((await store.imagesOf(org)).toSorted(), ['kept', 'new']);
  await store.remove('kept');
  assert.deepEqual(await store.imagesOf(org), ['new']);
});
