import type { ContainerRow } from '../../api/org-queries.ts';
import { classes } from '../ui/classes.ts';

export type StatusWanted = ContainerRow['status'];

const STATUSES: readonly StatusWanted[] = ['running', 'pending', 'failed', 'stopped'];
const WORDS: Record<StatusWanted, string> = {
  running: 'Running',
  pending: 'Pending',
  failed: 'Failed',
  stopped: 'Stopped',
};

/** The status that a text of the URL names. */
export function statusWantedOf(text: string | undefined): StatusWanted | undefined {
  return STATUSES.find((status) => status === text);
}

/** The containers whose name, image or address contains the text, and that have the status. */
export function containersFilter(
  rows: readonly ContainerRow[],
  text: string,
  status: StatusWanted | undefined,
): ContainerRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (status === undefined || row.status === status) &&
      (wanted === '' ||
        row.name.includes(wanted) ||
        row.image.toLowerCase().includes(wanted) ||
        row.ipv6_address?.includes(wanted) === true),
  );
}

interface StatusFilterProps {
  /** The containers to count: those that the search found. */
  rows: readonly ContainerRow[];
  value: StatusWanted | undefined;
  onChange: (status: StatusWanted | undefined) => void;
}

/** Shows only the containers of one status, and how many there are of each. */
export function StatusFilter({ rows, value, onChange }: StatusFilterProps) {
  const counts = Map.groupBy(rows, ({ status }) => status);
  return (
    <div
      role="group"
      aria-label="Status"
      className="-mx-4 flex gap-1.5 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-0"
    >
      {[undefined, ...STATUSES].map((status) => {
        const count = status === undefined ? rows.length : (counts.get(status)?.length ?? 0);
        const isChosen = status === value;
        return (
          <button
            key={status ?? 'all'}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChange(status)}
            className={classes(
              'inline-flex h-10 shrink-0 items-center gap-2 rounded-lg border px-3 text-sm font-medium sm:h-8',
              isChosen
                ? 'border-brand bg-brand-soft text-brand'
                : 'border-line bg-surface text-soft hover:border-edge hover:text-ink',
            )}
          >
            {status === undefined ? 'All' : WORDS[status]}
            <span className="tabular-nums">{count}</span>
          </button>
        );
      })}
    </div>
  );
}
