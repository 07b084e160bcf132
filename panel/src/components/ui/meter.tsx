import { classes } from './classes.ts';

interface MeterProps {
  label: string;
  current: number;
  limit: number;
  unit?: string;
}

/** How much of a limit is used. */
export function Meter({ label, current, limit, unit = '' }: MeterProps) {
  const share = limit === 0 ? 0 : Math.min(1, current / limit);
  const isFull = limit > 0 && current >= limit;
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="text-soft">{label}</span>
        <span className="font-medium tabular-nums">
          {current.toLocaleString('en')}
          <span className="font-normal text-faint">
            {' '}
            of {limit.toLocaleString('en')}
            {unit}
          </span>
        </span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuenow={current}
        aria-valuemin={0}
        aria-valuemax={Math.max(limit, current)}
        aria-valuetext={`${current} of ${limit}${unit}`}
        className="h-1.5 overflow-hidden rounded-full bg-track"
      >
        <div
          className={classes('h-full rounded-full', isFull ? 'bg-warning' : 'bg-brand')}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
