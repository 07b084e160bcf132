/** Amounts, in the form in which the API server gives them back: others would look like somebody's change. Pure. */

const BINARY = ['Gi', 'Ti', 'Pi'];
const DECIMAL = ['', 'k', 'M'];

function shorten(amount: number, factor: number, units: readonly string[]): string {
  let [left, unit] = [amount, 0];
  while (left > 0 && left % factor === 0 && unit < units.length - 1) {
    left /= factor;
    unit += 1;
  }
  return left === 0 ? '0' : `${left}${units[unit]}`;
}

export function gibRender(gib: number): string {
  return shorten(gib, 1024, BINARY);
}

export function countRender(count: number): string {
  return shorten(count, 1000, DECIMAL);
}

/** @param millis thousandths of a CPU. */
export function cpuRender(millis: number): string {
  return millis % 1000 === 0 ? countRender(millis / 1000) : `${millis}m`;
}
