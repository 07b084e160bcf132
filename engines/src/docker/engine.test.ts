import { dockerSkip } from '@dollarbox/testbed/docker';
import { engineSuite } from '../suite.ts';
import { dockerSuiteSetup } from './test-suite.ts';

engineSuite('docker', () => dockerSuiteSetup({ hasFileSystems: true }), {
  skip: await dockerSkip(),
});
