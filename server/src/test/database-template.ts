import { databaseOpen } from '../db/database.ts';
import { databaseMigrate } from '../db/migrate.ts';

/** A migrated database, to be cloned for each test file. */
export const MIGRATED_DATABASE = {
  name: 'server',
  async migrate(location: { connectionString: string }): Promise<void> {
    const db = databaseOpen(location);
    await databaseMigrate(db);
    await db.destroy();
  },
};
