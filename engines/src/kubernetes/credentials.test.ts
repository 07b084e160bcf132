/** Access for kubectl: tests with issued kubeconfigs on a real cluster. */
import { clusterDescribe } from './test/cluster-describe.ts';
import { credentialsTests } from './test/credentials.ts';

// The kubeconfigs and the containers that they see are made once for all tests.
clusterDescribe('kubectl on Kubernetes', { credentials: credentialsTests }, { cleansEach: false });
