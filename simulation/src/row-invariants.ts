// What must hold of a container's row at any time: it is what clients asked for, and claims nothing that was not done.
import { containerSpecHash } from '@dollarbox/engines/contract';
import { containerDesiredEqual } from '../../server/src/containers/rules.ts';
import type { Version } from '../../server/src/containers/state.ts';
import type { StoredContainer } from './stores/desire-store.ts';
import { specOf, stateDesired, versionDesired } from './stores/spec.ts';
import { imagePublished } from './world/images.ts';
import { OURS } from './world/installations.ts';
import type { Stage } from './world/stage.ts';

/** @returns the check of one row. It remembers, between calls, values that may only grow or never change. */
export function rowCheckCreate({ witness, world, model }: Stage): (row: StoredContainer) => void {
  const observedGenerations = new Map<number, number>();
  const addresses = new Map<number, string | null>();
  const askedCompared = comparedCreate();
  const madeCompared = comparedCreate();
  const { fail } = witness;

  /** A row must match what was requested and what was done. */
  function rowCheck({ state, observedGeneration }: StoredContainer): void {
    const { id, applied, generation } = state;
    const known = model.containers.get(id);
    if (known === undefined) return fail('acknowledged', `${id} was never asked for`);
    if (known.generation !== generation) {
      fail('acknowledged', `${id} has generation ${generation}, not ${known.generation}`);
    }
    const { desired, pullPolicy, stopGraceSeconds } = state;
    const isAsAsked = askedCompared(desired, [known.desired, pullPolicy, stopGraceSeconds], () =>
      containerDesiredEqual(known.desired, stateDesired(state)),
    );
    if (!isAsAsked) {
      fail('acknowledged', `${id} is not what was asked for`);
    }
    if (state.isStopped !== known.isStopped) {
      fail('acknowledged', `${id} is ${state.isStopped ? '' : 'not '}to be stopped`);
    }
    if ((state.deletedAt !== null) !== (known.deletedAtMs !== null)) {
      fail('acknowledged', `${id} is ${state.deletedAt === null ? 'not ' : ''}deleted`);
    }
    if (observedGeneration > generation || observedGeneration !== (applied?.generation ?? 0)) {
      fail('observed', `${id} is observed at ${observedGeneration} of ${generation}`);
    }
    const before = observedGenerations.get(id) ?? 0;
    if (observedGeneration < before) {
      fail('observed', `${id} was observed at ${before}, and now at ${observedGeneration}`);
    }
    observedGenerations.set(id, observedGeneration);
    addressCheck(state);
    if (applied !== null) {
      const { version, imageId } = applied;
      const asked = known.versions.get(applied.generation);
      if (
        asked === undefined ||
        !containerDesiredEqual(asked, versionDesired(askedOf(version), asked))
      ) {
        fail(
          'observed',
          `${id} runs something else than generation ${applied.generation} asked for`,
        );
      }
      if (imageId !== null) {
        const made = witness.made.get(id);
        const isMade = madeCompared(
          version,
          [imageId, made?.size],
          () => made?.has(containerSpecHash(specOf(version, imageId))) === true,
        );
        if (!isMade) {
          fail('observed', `generation ${applied.generation} of ${id} was never made`);
        }
      }
    }
    if (state.restartCount > (witness.starts.get(id) ?? 0)) {
      fail(
        'restarts',
        `${id} counts ${state.restartCount} restarts, of ${witness.starts.get(id)} starts`,
      );
    }
    if (state.exitTimes.length > (witness.ends.get(id) ?? 0)) {
      fail(
        'exits',
        `${id} counts ${state.exitTimes.length} exits, of ${witness.ends.get(id) ?? 0}`,
      );
    }
    reasonCheck(state);
  }

  /** A container's address never changes, and is the one that its object has, if any. */
  function addressCheck({ id, ipv6Address, desired }: StoredContainer['state']): void {
    const before = addresses.get(id) ?? null;
    if (before !== null && ipv6Address !== before) {
      fail('address', `${id} had the address ${before}, and now ${ipv6Address}`);
    }
    addresses.set(id, ipv6Address);
    if (world.addressing === 'given' && ipv6Address !== desired.ipv6Address) {
      fail('address', `${id} is shown with ${ipv6Address}, not ${desired.ipv6Address}`);
    }
    const address = world.containerFind(OURS, id)?.address ?? null;
    if (ipv6Address !== null && address !== null && ipv6Address !== address) {
      fail('address', `${id} is shown with ${ipv6Address}, and has ${address}`);
    }
  }

  /** A version without the volumes of its image, which no client asked for. */
  function askedOf(version: Version): Version {
    const volumes = version.volumes.filter(({ volume }) => model.volumes.has(volume.id));
    return { ...version, volumes };
  }

  /** No image that is available is reported as the reason of a failure. */
  function reasonCheck({
    id,
    statusReason,
    desired,
    applied,
    generation,
  }: StoredContainer['state']) {
    if (statusReason !== 'image_not_found' && statusReason !== 'image_pull_denied') return;
    const images = [desired.image];
    if (applied !== null && applied.generation === generation) images.push(applied.version.image);
    const isTrue = images.some((image) => {
      const published = imagePublished(image);
      const failure = published === null ? 'image_not_found' : published.failure?.reason;
      return failure === statusReason;
    });
    if (!isTrue) fail('reason', `${id} is reported as ${statusReason} of ${desired.image}`);
  }

  return rowCheck;
}

/**
 * Compares a version with something, unless it has already been compared with the same: rows are replaced, never changed,
 * and most of them are the same at the next check.
 */
function comparedCreate(): (
  version: Version,
  against: readonly unknown[],
  compare: () => boolean,
) => boolean {
  const results = new WeakMap<Version, { against: readonly unknown[]; isSame: boolean }>();
  return (version, against, compare) => {
    const known = results.get(version);
    if (known?.against.every((value, index) => value === against[index]) === true) {
      return known.isSame;
    }
    const isSame = compare();
    results.set(version, { against, isSame });
    return isSame;
  };
}
