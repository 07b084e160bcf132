import { memoryStoreCreate } from '../simulation/memory-store.ts';
import { postgresWholeStoreOpen } from '../test/postgres-whole-store.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('PostgreSQL', postgresWholeStoreOpen);
storeSuite('in-memory', async () => memoryStoreCreate());
