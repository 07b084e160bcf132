/**
 * What a kubectl credential may do in its org's namespace, and nowhere else: the ClusterRole `dollarbox-tenant` in
 * `rbac.yaml`. Tests compare every resource of a cluster with it; `docs/permissions.md` prints it.
 */

/** Verbs by resource: `name`, `name.group` or `name/subresource.group`. */
export type Rights = Readonly<Record<string, readonly string[]>>;

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'update', 'patch', 'delete'];

export const TENANT_RIGHTS: Rights = {
  pods: WRITE,
  'pods/log': ['get'],
  'pods/exec': ['get', 'create'],
  'pods/portforward': ['get', 'create'],
  'deployments.apps': WRITE,
  'deployments/scale.apps': ['get', 'update', 'patch'],
  'statefulsets.apps': WRITE,
  'statefulsets/scale.apps': ['get', 'update', 'patch'],
  'replicasets.apps': READ,
  'jobs.batch': WRITE,
  'cronjobs.batch': WRITE,
  services: WRITE,
  configmaps: WRITE,
  secrets: WRITE,
  persistentvolumeclaims: WRITE,
  events: READ,
  'events.events.k8s.io': READ,
  resourcequotas: READ,
};

/** What Kubernetes lets every account do everywhere: ask what it may do itself, and read public certificates. */
export const EVERYONES_RIGHTS: Rights = {
  'selfsubjectreviews.authentication.k8s.io': ['create'],
  'selfsubjectaccessreviews.authorization.k8s.io': ['create'],
  'selfsubjectrulesreviews.authorization.k8s.io': ['create'],
  'clustertrustbundles.certificates.k8s.io': READ,
};
