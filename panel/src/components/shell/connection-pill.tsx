import { useConnection } from '../../api/connection.ts';
import { classes } from '../ui/classes.ts';

const LOOKS = {
  live: { text: 'Live', dot: 'bg-brand', look: 'text-faint' },
  reconnecting: { text: 'Reconnecting', dot: 'border-2 border-warning', look: 'text-warning' },
  offline: { text: 'Offline', dot: 'border-2 border-danger', look: 'text-danger' },
};

/** Whether what the page shows is current. */
export function ConnectionPill() {
  const { state, isTroubled } = useConnection();
  const { text, dot, look } = LOOKS[isTroubled ? 'reconnecting' : state];
  return (
    <span
      className={classes('inline-flex shrink-0 items-center gap-2 text-xs font-medium', look)}
      title={state === 'live' ? 'The server answers.' : 'The server does not answer.'}
    >
      <span aria-hidden="true" className={classes('size-2 rounded-full', dot)} />
      {text}
    </span>
  );
}
