import { dockerSkip } from '@dollarbox/host/docker';
import { engineSuite } from '../../suite/suite.ts';
import { dockerSuiteSetup } from '../test/suite.ts';

engineSuite(
  "docker's own volumes on the docker",
  () => dockerSuiteSetup({ hasFileSystems: false }),
  {
    skip: await dockerSkip(),
    volumesOnly: true,
  },
);
