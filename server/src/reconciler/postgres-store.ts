import type { Db } from '../db/database.ts';
import * as containers from '../containers/reconcile-store.ts';
import { orgSubnetAssign } from '../orgs/subnet-store.ts';
import type { SecretBox } from '../secrets.ts';
import * as volumes from '../volumes/reconcile-store.ts';
import type { ReconcileStore } from './store.ts';
import * as work from './work-store.ts';

/** The store of the product. */
export function postgresStoreCreate(db: Db, secrets: SecretBox): ReconcileStore {
  return {
    workWake: (kind, id, now) => work.workWake(db, kind, id, now),
    workClaim: (worker, now, leaseMs, limit) => work.workClaim(db, worker, now, leaseMs, limit),
    workRelease: (claim, now, next) => work.workRelease(db, claim, now, next),
    workRenew: (worker, held, until) => work.workRenew(db, worker, held, until),
    workReclaimDead: (now) => work.workReclaimDead(db, now),
    workNextDue: () => work.workNextDue(db),
    containerWorkRead: (id) => containers.containerWorkRead(db, secrets, id),
    containerRecord: (claim, before, after, now, next, released) =>
      containers.containerRecord(db, secrets, claim, before, after, now, next, released),
    containerForget: (claim, now, released) => containers.containerForget(db, claim, now, released),
    containerSweepRows: () => containers.containerSweepRows(db),
    containerImages: () => containers.containerImages(db, secrets),
    containerMarkEnded: (id, ended, now) => containers.containerMarkEnded(db, id, ended, now),
    containersMarkUnknown: (message) => containers.containersMarkUnknown(db, message),
    containersWakeUnknown: (now) => containers.containersWakeUnknown(db, now),
    volumeWorkRead: (id) => volumes.volumeWorkRead(db, id),
    volumeRecord: (claim, before, after, now, next) =>
      volumes.volumeRecord(db, claim, before, after, now, next),
    volumeForget: (claim) => volumes.volumeForget(db, claim),
    volumeSweepRows: () => volumes.volumeSweepRows(db),
    volumesMarkUnknown: (message) => volumes.volumesMarkUnknown(db, message),
    volumesWakeUnknown: (now) => volumes.volumesWakeUnknown(db, now),
    orgIds: () => containers.orgIds(db),
    orgSubnetAssign: (orgId, refused, startIndex) =>
      orgSubnetAssign(db, orgId, refused, startIndex),
  };
}
