const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number of bytes for people, such as `17.5 MiB`; `-` if it is not known. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '-';
  const power = bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10);
  const index = Math.min(power, UNITS.length - 1);
  const amount = bytes / 1024 ** index;
  return `${index === 0 ? amount : amount.toFixed(1)} ${UNITS[index]}`;
}
