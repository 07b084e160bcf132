const DAY_MS = 86_400_000;

/** How long a token can be valid, in days, or `never`. */
export const EXPIRIES = [
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
  { value: '90', text: '90 days' },
  { value: '365', text: '1 year' },
  { value: 'never', text: 'No expiry' },
] as const;

/** When a token created now expires; null for never. @param choice a value of `EXPIRIES`. */
export function expiryOf(choice: string | undefined, now: Date): string | null {
  const days = Number(choice);
  return Number.isInteger(days) && days > 0
    ? new Date(now.getTime() + days * DAY_MS).toISOString()
    : null;
}
