import { databaseOpen } from '../../src/db/database.ts';
import { databaseMigrate } from '../../src/db/migrate.ts';
import { installationUpdate } from '../../src/installation/store.ts';

/** A migrated database, to be cloned for each test file. */
export const MIGRATED_DATABASE = {
  name: 'server',
  async migrate(location: { connectionString: string }): Promise<void> {
    const db = databaseOpen(location);
    await databaseMigrate(db);
    await installationUpdate(db, { volume_storage_class: 'fake', volume_size_enforced: true });
    await db.destroy();
  },
};
