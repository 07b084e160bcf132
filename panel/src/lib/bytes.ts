const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in the largest decimal unit that fits: "1.5 GB". */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const amount = bytes / 1000 ** power;
  const digits = amount >= 100 || power === 0 ? 0 : 1;
  return `${amount.toFixed(digits).replace(/\.0$/, '')} ${UNITS[power]}`;
}
