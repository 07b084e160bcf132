/** How orgs are kept apart in a cluster, and from the cluster: tests on a real one. */
import { clusterDescribe } from './test/cluster-describe.ts';
import { isolationTests } from './test/isolation.ts';
import { limitsTests } from './test/limits.ts';
import { policiesTests } from './test/policies.ts';

clusterDescribe('tenancy on Kubernetes', {
  policies: policiesTests,
  limits: limitsTests,
  isolation: isolationTests,
});
