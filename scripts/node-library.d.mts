export function libraryIsThere(cache: string): boolean;
export function libraryEnsure(tell: (text: string) => void): string | null;
