import { clusterSkip } from '@dollarbox/testbed/cluster';
import { engineSuite } from '../suite/suite.ts';
import { kubernetesSuiteSetup } from './test/suite.ts';

engineSuite('kubernetes', kubernetesSuiteSetup, {
  skip: clusterSkip(),
  without: {
    volumeData: 'data is not exported from or imported into a cluster yet',
    reaper: 'the first process of pods in the cluster of the tests does not reap',
    volumeOwners: 'a new volume has the owner that the storage driver gives it',
  },
});
