import type { Engine } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import { installationUpdate } from './store.ts';

/** Records how the engine stores new volumes where requests to create one read it. */
export async function volumeStorageRecord(deps: {
  db: Db;
  engine: Pick<Engine, 'volumes'>;
}): Promise<void> {
  const { storageClass, isSizeEnforced } = await deps.engine.volumes.storage();
  await installationUpdate(deps.db, {
    volume_storage_class: storageClass,
    volume_size_enforced: isSizeEnforced,
  });
}
