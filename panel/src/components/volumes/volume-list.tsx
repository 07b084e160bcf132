import type { Volume } from '@dollarbox/client';
import { Link } from '@tanstack/react-router';
import { useConnection } from '../../api/connection.ts';
import type { ContainerRow } from '../../api/org-queries.ts';
import { bytesText } from '../../lib/bytes.ts';
import { TextLink } from '../shell/text-link.tsx';
import { classes } from '../ui/classes.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { volumeStatusShow } from './volume-status.ts';

const COLUMNS = 'sm:grid-cols-[11rem_minmax(8rem,1.6fr)_minmax(7rem,0.7fr)_minmax(8rem,1fr)]';

interface VolumeListProps {
  slug: string;
  volumes: readonly Volume[];
  containers: readonly ContainerRow[];
}

/** The volumes of an org: how each is, how full, and where it is mounted. */
export function VolumeList({ slug, volumes, containers }: VolumeListProps) {
  const names = new Map(containers.map(({ id, name }) => [id, name]));
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-surface">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 border-b border-line px-4 py-2 text-xs font-medium text-faint sm:grid',
          COLUMNS,
        )}
      >
        <span>Status</span>
        <span>Name</span>
        <span>Used</span>
        <span>Mounted</span>
      </div>
      <ul aria-label="Volumes" className="divide-y divide-line">
        {volumes.map((volume) => (
          <Row
            key={volume.id}
            slug={slug}
            volume={volume}
            mountedIn={volume.container === null ? undefined : names.get(volume.container)}
          />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  slug: string;
  volume: Volume;
  mountedIn: string | undefined;
}

function Row({ slug, volume, mountedIn }: RowProps) {
  const { state } = useConnection();
  const { look, word } = volumeStatusShow(volume);
  return (
    <li className="relative px-4 py-2.5 hover:bg-sunken">
      <div
        className={classes(
          'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 sm:min-h-6',
          COLUMNS,
        )}
      >
        <span className="order-2 justify-self-end sm:order-none sm:justify-self-start">
          <StatusMark look={look} word={word} isOld={state !== 'live'} />
        </span>
        <Link
          to="/orgs/$slug/volumes/$name"
          params={{ slug, name: volume.name }}
          title={volume.name}
          className="order-1 min-w-0 font-medium wrap-anywhere after:absolute after:inset-0 sm:order-none sm:truncate"
        >
          {volume.name}
        </Link>
        <span className="order-3 text-sm text-soft tabular-nums sm:order-none">
          {usedText(volume)}
        </span>
        <span className="order-4 min-w-0 justify-self-end truncate text-sm text-soft sm:order-none sm:justify-self-start">
          {mountedIn === undefined ? (
            volume.container === null ? (
              <span className="text-faint">not mounted</span>
            ) : (
              'mounted'
            )
          ) : (
            <>
              <span className="relative z-10">
                <TextLink to="/orgs/$slug/containers/$name" params={{ slug, name: mountedIn }}>
                  {mountedIn}
                </TextLink>
              </span>{' '}
              <span className="font-mono">{volume.mount_path}</span>
            </>
          )}
        </span>
      </div>
      {look === 'failed' && volume.status_message !== null && (
        <p className="mt-1 truncate text-sm text-danger">{volume.status_message}</p>
      )}
    </li>
  );
}

/** How much of its size is used, and whether more would fit. */
export function usedText({ used_bytes: used, size_gb: size }: Volume): string {
  return used === null ? `${size} GB` : `${bytesText(used)} of ${size} GB`;
}
