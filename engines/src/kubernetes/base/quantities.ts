/** Amounts, in the form in which the API server gives them back: others would look like somebody's change. Pure. */

const BINARY = ['Mi', 'Gi', 'Ti', 'Pi'];
const DECIMAL = ['', 'k', 'M'];

function shorten(amount: number, factor: number, units: readonly string[]): string {
  let [left, unit] = [amount, 0];
  while (left > 0 && left % factor === 0 && unit < units.length - 1) {
    left /= factor;
    unit += 1;
  }
  return left === 0 ? '0' : `${left}${units[unit]}`;
}

export function mibRender(mib: number): string {
  return shorten(mib, 1024, BINARY);
}

export function gibRender(gib: number): string {
  return mibRender(gib * 1024);
}

export function countRender(count: number): string {
  return shorten(count, 1000, DECIMAL);
}

/** @param millis thousandths of a CPU. */
export function cpuRender(millis: number): string {
  return millis % 1000 === 0 ? countRender(millis / 1000) : `${millis}m`;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  ...{ '': 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** An amount as people may write it (`512Mi`, `1.5G`, `1e9`), rounded up as a quota counts it. 0 if there is none. */
export function quantityParse(text: string | undefined): number {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(text ?? '');
  const factor = SUFFIXES[match?.[2] ?? ''];
  const amount = Number(match?.[1]) * (factor ?? Number.NaN);
  return Number.isFinite(amount) ? Math.ceil(amount) : 0;
}
