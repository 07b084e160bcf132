import { dockerSkip } from '@dollarbox/host/docker';
import { engineSuite } from '../suite/suite.ts';
import { dockerSuiteSetup } from './test/suite.ts';

engineSuite('docker', () => dockerSuiteSetup({ hasFileSystems: true }), {
  skip: await dockerSkip(),
});
