const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in the largest decimal unit that fits: "1.5 GB". */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const amount = bytes / 1000 ** power;
  const digits = amount >= 100 || power === 0 ? 0 : 1;
  return `${amount.toFixed(digits).replace(/\.0$/, '')} ${UNITS[power]}`;
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in the largest binary unit that fits, as memory is counted: "1.5 GiB". */
export function binaryBytesText(bytes: number): string {
  const power = Math.min(BINARY_UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const amount = bytes / 1024 ** power;
  const digits = amount >= 100 || power === 0 ? 0 : 1;
  return `${amount.toFixed(digits).replace(/\.0$/, '')} ${BINARY_UNITS[power]}`;
}
