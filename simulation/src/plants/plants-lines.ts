import type { Plant } from './plant.ts';

/** Bugs in how the lines of objects are kept that are about to be removed. */
export const linesPlants: readonly Plant[] = [
  {
    name: 'lines-not-kept',
    fault: 'An object is removed, and nobody has kept what its process wrote.',
    make: () => ({ store: (store) => ({ ...store, async linesKeep() {} }) }),
  },
  {
    name: 'lines-kept-before-kill',
    fault: 'A process is killed with its object, and what it wrote until then is not kept.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        containers: { ...engine.containers, ...(engine.containers.kill && { async kill() {} }) },
      }),
    }),
  },
  {
    name: 'lines-of-last-instance-only',
    fault: 'Of an object that was restarted, the lines of the last instance alone are kept.',
    make: () => ({
      store: (store) => ({
        ...store,
        linesKeep: (claim, ref, lines, now) =>
          store.linesKeep(claim, ref, lines?.slice(-1) ?? null, now),
      }),
    }),
  },
];
