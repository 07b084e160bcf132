// A version that the engine is made to run, and what follows from its refusal.
import { EngineError } from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import { startFailureCount } from '../outcomes.ts';
import type { Step } from '../plan/step.ts';
import type { Applied } from '../state.ts';
import type { VolumeLook } from '../volume-block.ts';
import { CLEAN_RECORD, type Turn } from './turn.ts';
import { volumesBelieve, volumesLookAt } from './volumes.ts';

/** How often one turn tries to start its container if the engine asks for another look. */
export const MAX_APPLIES = 3;
/** If a start is refused for one of these reasons, the same turn looks again. */
const LOOKED_AT_AGAIN = new Set([
  'image_missing',
  'image_volumes',
  'differs',
  'volume_busy',
  'volume_missing',
  'volume_unready',
]);
/** The look at a volume that a refusal to start implies. */
const REFUSED: Readonly<Record<string, VolumeLook>> = {
  volume_busy: 'held',
  volume_missing: 'missing',
  volume_unready: 'unready',
};

type ApplyStep = Extract<Step, { do: 'apply' }>;

/** The engine's answers and its actions contradict each other. */
export function contradiction(cause?: EngineError): EngineError {
  const message = cause?.message ?? 'The container engine does not agree with itself.';
  return new EngineError('retryable', 'engine_error', message, { cause });
}

/** Makes the engine run a version. After a refusal that a new look can explain, the turn plans again. */
export async function versionApply(turn: Turn, step: ApplyStep): Promise<void> {
  const { engine } = turn.deps;
  try {
    failpoint('tenant.before');
    await turn.tenants.ensure(turn.state.tenantId, turn.lease);
    failpoint('tenant.after');
    turn.lease.require();
    failpoint('apply.before');
    const made = await engine.containers.apply(step.spec);
    turn.see(made);
    failpoint('apply.after');
    turn.learn({ ...appliedLearn(turn, step), appliedRef: made.ref });
    if (step.isRestart) turn.learn({ restartCount: turn.state.restartCount + 1 });
    const isStarted = engine.restarts === 'reconciler';
    if (isStarted || made.state === 'running') turn.learn({ restartAt: null });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await refused(turn, step, error);
  }
}

/** What is known of a version once the engine has an object of it, whether or not its process could be started. */
function appliedLearn({ state }: Turn, { spec, generation, isPulledAgain }: ApplyStep) {
  const { imageId, ...version } = spec;
  const applied: Applied = { generation, version, imageId };
  return {
    ...(isNewVersion(state, generation) ? CLEAN_RECORD : {}),
    applied,
    ...(isPulledAgain ? { pullAgainAt: null } : {}),
  };
}

function isNewVersion({ applied }: Turn['state'], generation: number): boolean {
  return applied?.generation !== generation;
}

async function refused(turn: Turn, step: ApplyStep, error: EngineError): Promise<void> {
  turn.tenants.forget(turn.state.tenantId);
  turn.applies += 1;
  if (error.reason === 'start_error') return startFailed(turn, step, error);
  if (turn.applies === MAX_APPLIES) {
    throw LOOKED_AT_AGAIN.has(error.reason) ? contradiction(error) : error;
  }
  const { imageId: _imageId, ...version } = step.spec;
  if (error.reason === 'image_missing' || error.reason === 'image_volumes') {
    // Look at the image again: for its volumes, it must be known.
    turn.images.delete(version.image);
    const { generation } = step;
    if (!isNewVersion(turn.state, generation)) {
      turn.learn({ applied: { generation, version, imageId: null } });
    }
    return;
  }
  if (error.reason === 'differs') return turn.observe();
  const look = REFUSED[error.reason];
  if (look === undefined) throw error;
  await turn.observe();
  await volumesLookAt(turn, version.volumes);
  volumesBelieve(turn, look, version);
}

async function startFailed(turn: Turn, step: ApplyStep, error: EngineError): Promise<void> {
  turn.learn(appliedLearn(turn, step));
  try {
    await turn.observe();
  } finally {
    // The delay begins here: an engine that answers slowly must not use it up within this turn.
    turn.learn(startFailureCount(turn.state, error.message, turn.now()));
  }
  turn.learn({ appliedRef: turn.observed?.ref ?? null });
}
