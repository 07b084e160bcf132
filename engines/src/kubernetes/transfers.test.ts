/** How the files of volumes are read and written in a cluster: tests on a real one. */
import { clusterDescribe } from './test/cluster-describe.ts';
import { transfersTests } from './test/transfers.ts';

clusterDescribe('data of volumes on Kubernetes', { transfers: transfersTests });
