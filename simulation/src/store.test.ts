import { memoryStoreCreate } from './stores/memory-store.ts';
import { postgresWholeStoreOpen } from './stores/postgres-whole-store.ts';
import { storeSuite } from './store-suite/suite.ts';

storeSuite('PostgreSQL', postgresWholeStoreOpen);
storeSuite('in-memory', async () => memoryStoreCreate());
