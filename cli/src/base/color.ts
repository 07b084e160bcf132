const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

export type Color = keyof typeof CODES;

export function colored(text: string, color: Color): string {
  return `\u001B[${CODES[color]}m${text}\u001B[0m`;
}
