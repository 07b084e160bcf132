const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A time relative to `now`, in the largest unit that fits: "3 hours ago", "in 30 days". */
export function relativeText(moment: string, now: Date): string {
  const seconds = (Date.parse(moment) - now.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return seconds > 0 ? 'in less than a minute' : 'just now';
}

const DATE_TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** Date and time in the person's time zone. */
export function dateTimeText(moment: string): string {
  return DATE_TIME.format(new Date(moment));
}

const TIME = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

/** The time of day in the person's time zone, to the second. @param moment in milliseconds since the epoch. */
export function timeText(moment: number): string {
  return TIME.format(moment);
}

/** A duration in words: "40 seconds", "2 minutes". */
export function waitText(seconds: number): string {
  const [count, unit] =
    seconds < 90 ? [Math.ceil(seconds), 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const TIME_OF_DAY = new Intl.DateTimeFormat('en', {
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
  ...({ fractionalSecondDigits: 3, hourCycle: 'h23' } as const),
});

/** The time of day in the person's time zone, to the millisecond; empty if there is none. */
export function timeOfDayText(moment: string): string {
  return moment === '' ? '' : TIME_OF_DAY.format(new Date(moment));
}
