import { classes } from './classes.ts';

export type StatusLook = 'running' | 'pending' | 'failed' | 'stopped' | 'unknown';

const TINTS: Record<StatusLook, string> = {
  running: 'text-brand',
  pending: 'text-warning',
  failed: 'text-danger',
  stopped: 'text-faint',
  unknown: 'text-faint',
};

interface StatusMarkProps {
  look: StatusLook;
  word: string;
  /** What it is about to become, as far as was asked for. */
  wish?: string | null;
  /** The status may have changed since: it is shown without its colour. */
  isOld?: boolean;
}

/** A status by shape, colour and word, so that none of the three is needed to tell it. */
export function StatusMark({ look, word, wish = null, isOld = false }: StatusMarkProps) {
  const tint = isOld ? 'text-faint' : TINTS[look];
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 text-sm font-medium whitespace-nowrap">
      <span className="inline-flex items-center gap-2">
        <svg viewBox="0 0 12 12" className={classes('size-3 shrink-0', tint)} aria-hidden="true">
          <Shape look={look} />
        </svg>
        <span>{word}</span>
      </span>
      {wish !== null && <span className="-ml-0.5 font-normal text-soft">· {wish}</span>}
      {isOld && <span className="font-normal text-faint">(last known)</span>}
    </span>
  );
}

function Shape({ look }: { look: StatusLook }) {
  switch (look) {
    case 'running':
      return <circle cx="6" cy="6" r="5" fill="currentColor" />;
    case 'pending':
      return (
        <>
          <circle cx="6" cy="6" r="4.200" fill="none" stroke="currentColor" strokeWidth="1.600" />
          <path d="M6 1.800a4.200 4.200 0 0 1 0 8.400z" fill="currentColor" />
        </>
      );
    case 'failed':
      return <path d="M6 0.800 11.600 11H0.400z" fill="currentColor" />;
    case 'stopped':
      return (
        <circle cx="6" cy="6" r="4.200" fill="none" stroke="currentColor" strokeWidth="1.600" />
      );
    case 'unknown':
      return (
        <path
          d="M3.600 4.200a2.400 2.400 0 1 1 3.700 2c-.8.500-1.300.9-1.300 1.800M6 10.200v.9"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.600"
        />
      );
  }
}
