import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Db, databaseOpen } from '../db/database.ts';
import { MIGRATED_DATABASE } from '../../test/support/database-template.ts';
import { localImagesPolicy } from './local-images.ts';

let db: Db;
let drop: () => Promise<void>;
before(async () => {
  const database = await databaseCreate(MIGRATED_DATABASE);
  db = databaseOpen({ connectionString: database.url });
  drop = () => database.drop();
});
after(async () => {
  await db.destroy();
  await drop();
});

async function orgAdd(slug: string, ipv6_subnet: string): Promise<void> {
  await db.insertInto('org_slugs').values({ slug }).execute();
  await db
    .insertInto('orgs')
    .values({ slug, name: slug, ipv6_subnet, ipv4_subnet: null, created_at: new Date() })
    .execute();
}

it('every local image may be used while there is one org, and none once there is a second', async () => {
  const isAllowed = localImagesPolicy(db, null);
  await orgAdd('one', 'fd00:1::/64');
  assert.equal(await isAllowed('docker.io/library/web:1'), true);
  await orgAdd('two', 'fd00:2::/64');
  assert.equal(await isAllowed('docker.io/library/web:1'), false);
});

it('images that the operator names may be used, however a reference is written', async () => {
  const isAllowed = localImagesPolicy(db, ['web:1', 'tools/db']);
  assert.equal(await isAllowed('docker.io/library/web:1'), true);
  assert.equal(await isAllowed('docker.io/tools/db:latest'), true);
  assert.equal(await isAllowed('docker.io/library/web:2'), false);
});
