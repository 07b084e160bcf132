import { clusterSkip } from '@dollarbox/testbed/cluster';
import { engineSuite } from '../suite/suite.ts';
import { kubernetesSuiteSetup } from './test/suite.ts';

engineSuite('kubernetes', kubernetesSuiteSetup, {
  skip: clusterSkip(),
  without: {
    largeIds: 'a user namespace has 65,536 ids',
    reaper:
      "the first process of a pod reaps, and that of the tests' cluster is not the one of Kubernetes' releases",
    volumeOwners:
      'the storage driver decides whose a new volume is, and nothing of the image is copied into it',
  },
});
