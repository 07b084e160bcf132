/** What fails around the engine, and what humans change with kubectl: tests on a real cluster. */
import { clusterDescribe } from './test/cluster-describe.ts';
import { editsTests } from './test/edits.ts';
import { faultsTests } from './test/faults.ts';
import { restTests } from './test/rest.ts';

clusterDescribe('faults on Kubernetes', {
  edits: editsTests,
  rest: restTests,
  failures: faultsTests,
});
