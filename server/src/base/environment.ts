export type Environment = Record<string, string | undefined>;

/** Reads environment variables. A variable that is not set, or empty, has its default. */
export interface EnvironmentReader {
  text(name: string): string | null;
  integer(name: string, fallback: number, min: number, max: number): number;
  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T;
  url(name: string, protocols: readonly string[]): string | null;
  /** Words separated by spaces or commas. */
  list(name: string): string[];
}

/** @param faults gets a sentence about each variable that is not valid. */
export function environmentReaderCreate(env: Environment, faults: string[]): EnvironmentReader {
  const text = (name: string): string | null => env[name]?.trim() || null;

  function integer(name: string, fallback: number, min: number, max: number): number {
    const raw = text(name);
    if (raw === null) return fallback;
    const value = Number(raw);
    if (/^\d+$/.test(raw) && value >= min && value <= max) return value;
    faults.push(`${name} must be a whole number from ${min} to ${max}, not "${raw}"`);
    return fallback;
  }

  function choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const raw = text(name);
    if (raw === null) return fallback;
    const found = choices.find((candidate) => candidate === raw);
    if (found !== undefined) return found;
    faults.push(`${name} must be one of ${choices.join(', ')}, not "${raw}"`);
    return fallback;
  }

  function url(name: string, protocols: readonly string[]): string | null {
    const raw = text(name);
    if (raw === null) return null;
    if (URL.canParse(raw) && protocols.includes(new URL(raw).protocol)) return raw;
    const forms = protocols.map((protocol) => `${protocol}//…`).join(' or ');
    faults.push(`${name} must be a URL of the form ${forms}`);
    return null;
  }

  function list(name: string): string[] {
    return (text(name) ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  }

  return { text, integer, choice, url, list };
}
