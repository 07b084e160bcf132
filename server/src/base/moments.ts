export function later(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

export function earliest(a: Date, b: Date): Date {
  return a < b ? a : b;
}
