import { EngineError } from '@dollarbox/engines/contract';
import type { ContainerDesired } from '../../server/src/containers/rules.ts';
import type { DesireStore } from './stores/desire-store.ts';
import { imagePublished } from './world/images.ts';
import type { ModelContainer } from './world/model.ts';
import type { Deed } from './world/operations.ts';
import { processStart } from './process/process.ts';
import type { SimulatedProcess } from './world/simulated-process.ts';
import { at, graceNote, processAsk, suspensionSwitch, update } from './apply-update.ts';
import { volumeDeedDo } from './apply-volume-operation.ts';
import type { Stage } from './world/stage.ts';
import { removalsOf } from './stores/memory-tables.ts';
import { OURS } from './world/installations.ts';
import { foreignersOf } from './world/world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
/** How long after a wrong clock the data that it wrote may still be wrong. */
const CLOCK_AFTERMATH_MS = 40_000;

/** Carries out one operation. */
export async function deedDo(stage: Stage, desire: DesireStore, deed: Deed): Promise<void> {
  const { clock, world, conditions, witness } = stage;
  switch (deed.do) {
    case 'create': {
      const orgId = at(stage.model.orgs, deed.org)?.id ?? 0;
      const name = at(NAMES, deed.name) ?? 'a';
      const volume = deed.volume === null ? null : at(stage.model.liveVolumes(orgId), deed.volume);
      const volumes = volume ? [{ volume: volume.id, mount_path: '/data' }] : [];
      return create(stage, desire, orgId, {
        ...desiredOf(name, deed.image, deed.env),
        ...{ volumes, stop_grace_seconds: deed.graceSeconds },
      });
    }
    case 'patch': {
      const one = at(stage.model.live(), deed.target);
      if (one === undefined) return;
      const change: Partial<ContainerDesired> = {
        ...(deed.image === null ? {} : { image: deed.image }),
        ...(deed.env === null ? {} : { env: { KEY: deed.env } }),
        ...(deed.graceSeconds === null ? {} : { stop_grace_seconds: deed.graceSeconds }),
      };
      return update(stage, desire, one, change);
    }
    case 'patchBack': {
      const one = at(stage.model.live(), deed.target);
      if (one === undefined) return;
      const { env } = one.desired;
      await update(stage, desire, one, { env: { KEY: deed.env, OTHER: '1' } });
      return update(stage, desire, one, { env });
    }
    case 'delete': {
      const one = at(stage.model.live(), deed.target);
      if (one !== undefined) await remove(stage, desire, one);
      return;
    }
    case 'clientStop':
    case 'clientStart':
    case 'clientRestart': {
      const one = at(stage.model.live(), deed.target);
      if (one !== undefined) await processAsk(stage, desire, one, deed);
      return;
    }
    case 'suspend': {
      const org = at(stage.model.orgs, deed.org);
      if (org !== undefined) await suspensionSwitch(stage, desire, org);
      return;
    }
    case 'recreate': {
      const one = at(stage.model.live(), deed.target);
      if (one === undefined) return;
      await remove(stage, desire, one);
      const { name, volumes, stop_grace_seconds } = one.desired;
      return create(stage, desire, one.orgId, {
        ...desiredOf(name, deed.image, '9'),
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
      return volumeDeedDo(stage, desire, deed);
    case 'kill':
    case 'stop':
    case 'pause':
    case 'disconnect':
    case 'remove':
      return tamper(stage, deed.do, deed.target);
    case 'engineOutage':
      conditions.disturb(deed.forMs);
      witness.isTampering = true;
      stage.tamper.engineStop();
      witness.isTampering = false;
      // Foreign containers end with it, too.
      stage.foreigners = foreignersOf(world);
      clock.schedule(deed.forMs, () => stage.tamper.engineStart());
      return;
    case 'engineSilent': {
      conditions.disturb(deed.forMs);
      const error = new EngineError('retryable', 'engine_unreachable', 'The engine is silent.');
      clock.schedule(deed.forMs, world.faults.add({ verb: '*', times: Infinity, error }));
      return;
    }
    case 'imageRemove':
      return stage.tamper.imageRemove(deed.image);
    case 'imagesCollect':
      return worker(stage, deed.worker)?.imagesCollect();
    case 'tagMove': {
      const image = imagePublished('moving:latest');
      const imageId = `sha256:moving-${clock.now().getTime()}`;
      return world.publish('moving:latest', { ...image, imageId });
    }
    case 'registryOutage': {
      conditions.disturb(deed.forMs);
      const message = 'The registry does not answer.';
      world.publish(deed.image, { pullMs: 100, failure: { reason: 'image_pull_error', message } });
      clock.schedule(deed.forMs, () => world.publish(deed.image, imagePublished(deed.image)));
      return;
    }
    case 'networkTaken':
      return networkTake(stage, at(stage.model.orgs, deed.org)?.id ?? 0, deed.forMs);
    case 'fault': {
      conditions.disturb(deed.forMs);
      const { verb, chance, delayMs, replyDelayMs, when } = deed;
      const error =
        deed.error === 'none'
          ? {}
          : { error: new EngineError(deed.error, 'engine_error', `Made to fail (${verb}).`) };
      const fault = { verb, chance, delayMs, replyDelayMs, when, times: Infinity, ...error };
      clock.schedule(deed.forMs, world.faults.add(fault));
      return;
    }
    case 'workerDies': {
      const process = worker(stage, deed.worker);
      if (process === undefined) return;
      conditions.disturb(deed.backMs);
      process.life.arm(deed.atCall, { do: 'die', isSent: deed.isSent });
      return replaceLater(stage, process, deed.backMs);
    }
    case 'workerStops': {
      const process = worker(stage, deed.worker);
      if (process === undefined) return;
      process.stop();
      return replaceLater(stage, process, deed.backMs);
    }
    case 'workerStalls':
      conditions.disturb(deed.forMs + 5000);
      worker(stage, deed.worker)?.life.arm(deed.atCall, { do: 'stall', forMs: deed.forMs });
      return;
    case 'sessionCut':
      conditions.disturb(deed.forMs);
      return worker(stage, deed.worker)?.sessionCut(deed.forMs);
    case 'clockJump': {
      const process = worker(stage, deed.worker);
      if (process === undefined) return;
      const aftermathMs = deed.forMs + Math.abs(deed.byMs) + CLOCK_AFTERMATH_MS;
      conditions.disturb(aftermathMs);
      witness.clockWrong(aftermathMs);
      process.clockShift(deed.byMs);
      clock.schedule(deed.forMs, () => process.clockShift(0));
      return;
    }
    case 'storeAway':
      return conditions.change({ storeAway: deed.isApplied ? 'after' : 'before' }, deed.forMs);
    case 'storeSlow':
      return conditions.change({ storeDelayMs: deed.delayMs }, deed.forMs);
    case 'hints': {
      const { lose: hintLose, double: hintDouble, delayMs: hintDelayMs } = deed;
      return conditions.change({ hintLose, hintDouble, hintDelayMs }, deed.forMs);
    }
    case 'signalsLost':
      return conditions.change({ signalsLost: true }, deed.forMs);
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
  deed: 'kill' | 'stop' | 'pause' | 'disconnect' | 'remove',
  target: number,
): void {
  const container = at([...stage.world.containersOf(OURS)], target);
  if (container === undefined) return;
  stage.witness.isTampering = true;
  stage.tamper[deed](container.spec.id);
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
