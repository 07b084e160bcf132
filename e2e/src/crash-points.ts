/** Points inside a turn of one container, and what makes a turn reach them. */
export const TURN_POINTS = [
  ['claim.after', 'create'],
  ['observe.after', 'create'],
  ['pull.before', 'create of a new image'],
  ['pull.after', 'create of a new image'],
  ['pull.loaded', 'create of a new image'],
  ['tenant.before', 'create'],
  ['tenant.after', 'create'],
  ['apply.before', 'create'],
  ['apply.between', 'create'],
  ['apply.after', 'create'],
  ['record.before', 'create'],
  ['record.after', 'create'],
  ['stop.before', 'update'],
  ['stop.after', 'update'],
  ['remove.before', 'update'],
  ['keep.after', 'update'],
  ['remove.after', 'update'],
  ['apply.between', 'update'],
  ['apply.after', 'update'],
  ['claim.after', 'delete'],
  ['stop.after', 'delete'],
  ['remove.before', 'delete'],
  ['remove.after', 'delete'],
  ['forget.before', 'delete'],
  ['forget.after', 'delete'],
  ['exit.after', 'exit'],
  ['hint.before', 'exit'],
] as const;

/** Points of the comparison of the engine with the table. */
export const SWEEP_POINTS = ['sweep.listed', 'sweep.orphan.before', 'sweep.orphan.after'] as const;

/** Points in the turn of a volume, in the volumes' sweep, and in the turn of a container that mounts a volume. */
export const VOLUME_POINTS = [
  ['volume.apply.before', 'create'],
  ['volume.filled', 'create'],
  ['volume.placed', 'create'],
  ['volume.mounted', 'create'],
  ['volume.apply.after', 'create'],
  ['volume.record.before', 'create'],
  ['volume.record.after', 'create'],
  ['look.after', 'mount'],
  ['apply.between', 'mount'],
  ['apply.after', 'mount'],
  ['remove.before', 'hand on'],
  ['remove.after', 'hand on'],
  ['record.before', 'hand on'],
  ['apply.between', 'hand on'],
  ['remove.after', 'delete with its container'],
  ['volume.released', 'delete with its container'],
  ['volume.observe.after', 'delete'],
  ['volume.remove.before', 'delete'],
  ['volume.released', 'delete'],
  ['volume.unmounted', 'delete'],
  ['volume.trashed', 'delete'],
  ['volume.remove.after', 'delete'],
  ['volume.forget.before', 'delete'],
  ['volume.forget.after', 'delete'],
  ['sweep.volumes.listed', 'sweep'],
] as const;

/** Points of a write, and whether the write is done at that point. */
export const WRITE_POINTS = [
  ['write.commit.before', false],
  ['write.commit.after', true],
  ['write.reply.before', true],
] as const;

/** Points between the two transactions in which a kubeconfig is issued. They are tried on Kubernetes. */
export const CREDENTIAL_POINTS = ['credential.issue.before', 'credential.issue.after'] as const;

/** Points of a first start, in order. */
export const START_POINTS = [
  'migrate.before',
  'migrate.during',
  'migrate.after',
  'first-run.before',
  'first-run.after',
] as const;
