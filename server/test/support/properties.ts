import fc from 'fast-check';

/** The same cases in every run, unless someone looks for others. */
const SEED = Number(process.env['PROPERTY_SEED'] ?? 14);

/** Checks that `holds` does not throw for random cases. A failure shows the smallest one that was found. */
export function property<T>(
  cases: fc.Arbitrary<T>,
  holds: (example: T) => void,
  numRuns = 500,
): void {
  fc.assert(fc.property(cases, holds), { seed: SEED, numRuns });
}

/** The same for what takes time. A failure shows the case as it is: to look for a smaller one would take minutes. */
export async function asyncProperty<T>(
  cases: fc.Arbitrary<T>,
  holds: (example: T) => Promise<void>,
  numRuns: number,
): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, holds), {
    ...{ seed: SEED, numRuns },
    endOnFailure: true,
  });
}
