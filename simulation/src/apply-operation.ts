import { EngineError } from '@dollarbox/engines/contract';
import type { ContainerDesired } from '../../server/src/containers/rules.ts';
import type { DesireStore } from './stores/desire-store.ts';
import { imagePublished } from './world/images.ts';
import type { ModelContainer } from './world/model.ts';
import type { Action } from './world/operations.ts';
import { processStart } from './process/process.ts';
import type { SimulatedProcess } from './world/simulated-process.ts';
import { at, graceNote, processAsk, suspensionSwitch, update } from './apply-update.ts';
import { volumeActionApply } from './apply-volume-operation.ts';
import type { Stage } from './world/stage.ts';
import { removalsOf } from './stores/memory-tables.ts';
import { OURS } from './world/installations.ts';
import { foreignersOf } from './world/world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
/** How long after a wrong clock the data that it wrote may still be wrong. */
const CLOCK_AFTERMATH_MS = 5000;

/** Carries out one operation. */
export async function actionApply(
  stage: Stage,
  desire: DesireStore,
  action: Action,
): Promise<void> {
  const { clock, world, conditions, witness } = stage;
  switch (action.do) {
    case 'create': {
      const orgId = at(stage.model.orgs, action.org)?.id ?? 0;
      const name = at(NAMES, action.name) ?? 'a';
      const volume =
        action.volume === null ? null : at(stage.model.liveVolumes(orgId), action.volume);
      const volumes = volume ? [{ volume: volume.id, mount_path: '/data' }] : [];
      return create(stage, desire, orgId, {
        ...desiredOf(name, action.image, action.env),
        ...{ volumes, stop_grace_seconds: action.graceSeconds },
      });
    }
    case 'patch': {
      const one = at(stage.model.live(), action.target);
      if (one === undefined) return;
      const change: Partial<ContainerDesired> = {
        ...(action.image === null ? {} : { image: action.image }),
        ...(action.env === null ? {} : { env: { KEY: action.env } }),
        ...(action.graceSeconds === null ? {} : { stop_grace_seconds: action.graceSeconds }),
      };
      return update(stage, desire, one, change);
    }
    case 'patchBack': {
      const one = at(stage.model.live(), action.target);
      if (one === undefined) return;
      const { env } = one.desired;
      await update(stage, desire, one, { env: { KEY: action.env, OTHER: '1' } });
      return update(stage, desire, one, { env });
    }
    case 'delete': {
      const one = at(stage.model.live(), action.target);
      if (one !== undefined) await remove(stage, desire, one);
      return;
    }
    case 'clientStop':
    case 'clientStart':
    case 'clientRestart': {
      const one = at(stage.model.live(), action.target);
      if (one !== undefined) await processAsk(stage, desire, one, action);
      return;
    }
    case 'suspend': {
      const org = at(stage.model.orgs, action.org);
      if (org !== undefined) await suspensionSwitch(stage, desire, org);
      return;
    }
    case 'recreate': {
      const one = at(stage.model.live(), action.target);
      if (one === undefined) return;
      await remove(stage, desire, one);
      const { name, volumes, stop_grace_seconds } = one.desired;
      return create(stage, desire, one.orgId, {
        ...desiredOf(name, action.image, '9'),
        ...{ volumes, stop_grace_seconds },
      });
    }
    case 'volumeCreate':
    case 'volumeDelete':
    case 'attach':
    case 'detach':
    case 'handOn':
    case 'swap':
    case 'volumeVanish':
      return volumeActionApply(stage, desire, action);
    case 'kill':
    case 'stop':
    case 'pause':
    case 'disconnect':
    case 'remove':
      return tamper(stage, action.do, action.target);
    case 'engineOutage':
      conditions.disturb(action.forMs);
      witness.isTampering = true;
      stage.tamper.engineStop();
      witness.isTampering = false;
      // Foreign containers end with it, too.
      stage.foreigners = foreignersOf(world);
      clock.schedule(action.forMs, () => stage.tamper.engineStart());
      return;
    case 'engineSilent': {
      conditions.disturb(action.forMs);
      const error = new EngineError('retryable', 'engine_unreachable', 'The engine is silent.');
      clock.schedule(action.forMs, world.faults.add({ verb: '*', times: Infinity, error }));
      return;
    }
    case 'imageRemove':
      return stage.tamper.imageRemove(action.image);
    case 'imagesCollect':
      return worker(stage, action.worker)?.imagesCollect();
    case 'tagMove': {
      const image = imagePublished('moving:latest');
      const imageId = `sha256:moving-${clock.now().getTime()}`;
      return world.publish('moving:latest', { ...image, imageId });
    }
    case 'registryOutage': {
      conditions.disturb(action.forMs);
      const message = 'The registry does not answer.';
      world.publish(action.image, {
        pullMs: 100,
        failure: { reason: 'image_pull_error', message },
      });
      clock.schedule(action.forMs, () => world.publish(action.image, imagePublished(action.image)));
      return;
    }
    case 'networkTaken':
      return networkTake(stage, at(stage.model.orgs, action.org)?.id ?? 0, action.forMs);
    case 'fault': {
      conditions.disturb(action.forMs);
      const { verb, chance, delayMs, replyDelayMs, when } = action;
      const error =
        action.error === 'none'
          ? {}
          : { error: new EngineError(action.error, 'engine_error', `Made to fail (${verb}).`) };
      const fault = { verb, chance, delayMs, replyDelayMs, when, times: Infinity, ...error };
      clock.schedule(action.forMs, world.faults.add(fault));
      return;
    }
    case 'workerDies': {
      const process = worker(stage, action.worker);
      if (process === undefined) return;
      conditions.disturb(action.backMs);
      process.life.arm(action.atCall, { do: 'die', isSent: action.isSent });
      return replaceLater(stage, process, action.backMs);
    }
    case 'workerStops': {
      const process = worker(stage, action.worker);
      if (process === undefined) return;
      process.stop();
      return replaceLater(stage, process, action.backMs);
    }
    case 'workerStalls':
      conditions.disturb(action.forMs + 5000);
      worker(stage, action.worker)?.life.arm(action.atCall, { do: 'stall', forMs: action.forMs });
      return;
    case 'sessionCut':
      conditions.disturb(action.forMs);
      return worker(stage, action.worker)?.sessionCut(action.forMs);
    case 'clockJump': {
      const process = worker(stage, action.worker);
      if (process === undefined) return;
      const aftermathMs = action.forMs + CLOCK_AFTERMATH_MS;
      conditions.disturb(aftermathMs);
      witness.clockWrong(aftermathMs);
      process.clockShift(action.byMs);
      clock.schedule(action.forMs, () => process.clockShift(0));
      return;
    }
    case 'storeAway':
      return conditions.change({ storeAway: action.isApplied ? 'after' : 'before' }, action.forMs);
    case 'storeSlow':
      return conditions.change({ storeDelayMs: action.delayMs }, action.forMs);
    case 'hints': {
      const { lose: hintLose, double: hintDouble, delayMs: hintDelayMs } = action;
      return conditions.change({ hintLose, hintDouble, hintDelayMs }, action.forMs);
    }
    case 'signalsLost':
      return conditions.change({ signalsLost: true }, action.forMs);
    case 'nothing':
      return;
  }
}

function desiredOf(name: string, image: string, env: string): ContainerDesired {
  const lists = { command: [], ports: [], volumes: [] };
  const rest = { pull_policy: 'if_not_present', stop_grace_seconds: 10, init: false } as const;
  return { name, image, env: { KEY: env }, ...lists, ...rest };
}

function worker(stage: Stage, fraction: number): SimulatedProcess | undefined {
  return at(
    stage.processes.filter((process) => process.life.isAlive()),
    fraction,
  );
}

/** Starts another process some time after this one has ended. */
function replaceLater(stage: Stage, process: SimulatedProcess, backMs: number): void {
  if (stage.replacing.has(process)) return;
  stage.replacing.add(process);
  process.onEnded(() => {
    stage.conditions.disturb(backMs);
    stage.clock.schedule(backMs, () => {
      stage.replacing.delete(process);
      stage.processes.splice(stage.processes.indexOf(process), 1);
      stage.processes.push(processStart(stage, `${process.name}'`));
    });
  });
}

async function create(
  stage: Stage,
  desire: DesireStore,
  orgId: number,
  desired: ContainerDesired,
): Promise<void> {
  const { model, clock, witness } = stage;
  if (model.isSuspended(orgId)) return;
  const live = model.live(orgId);
  const { limit, removals } = model.orgs.find((org) => org.id === orgId) ?? {
    limit: 0,
    removals: 0,
  };
  const removed = removalsOf((await stage.whole.snapshot()).containers, orgId);
  const isFull = live.length >= limit || removed >= removals + limit;
  const isTaken = live.some((one) => one.desired.name === desired.name);
  const isMounted = desired.volumes.some(({ volume }) => model.mounterOf(volume) !== null);
  const room = isFull ? 'quota_exceeded' : isMounted ? 'volume_refused' : 'created';
  const due = isTaken ? 'name_taken' : room;
  const made = await desire.containerCreate(orgId, desired, clock.now());
  if (made.outcome !== due) {
    witness.fail('quota', `a create in org ${orgId} is ${made.outcome}, not ${due}`);
  }
  if (made.outcome === 'created') {
    model.created(orgId, made.id, desired);
    graceNote(witness, made.id, desired);
    witness.trace(`client: ${made.id} is created: "${desired.name}" of ${desired.image}`);
  }
  stage.signalSend(null);
}

async function remove(
  stage: Stage,
  desire: DesireStore,
  { id, orgId }: ModelContainer,
): Promise<void> {
  const isGone = await desire.containerDelete(orgId, id, stage.clock.now());
  if (!isGone) stage.witness.fail('acknowledged', `${id} is not there for a DELETE`);
  stage.model.deleted(id, stage.clock.now().getTime());
  stage.witness.trace(`client: ${id} is deleted`);
  stage.signalSend(null);
}

function tamper(
  stage: Stage,
  action: 'kill' | 'stop' | 'pause' | 'disconnect' | 'remove',
  target: number,
): void {
  const container = at([...stage.world.containersOf(OURS)], target);
  if (container === undefined) return;
  stage.witness.isTampering = true;
  stage.tamper[action](container.spec.id);
  stage.witness.isTampering = false;
}

/** A foreign network takes the org's subnets for a while; the org's own network is gone. */
function networkTake(stage: Stage, orgId: number, forMs: number): void {
  const { world, clock, conditions } = stage;
  for (const [ref, tenant] of world.tenants) {
    if (tenant.installationId !== OURS || tenant.id !== orgId) continue;
    world.tenants.delete(ref);
    for (const container of world.tenantContainers(OURS, orgId)) {
      stage.tamper.disconnect(container.spec.id);
    }
    const known = new Set(world.tenants.keys());
    stage.tamper.networkAdd(tenant.subnets?.ipv4Subnet ?? '', 'fdee::/64');
    conditions.disturb(forMs);
    clock.schedule(forMs, () => {
      for (const added of world.tenants.keys()) {
        if (!known.has(added) && world.tenants.get(added)?.installationId === null) {
          world.tenants.delete(added);
        }
      }
    });
    return;
  }
}
