import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemOf } from '../../api/problem.ts';
import { type ContainerRow, statsQuery } from '../../api/org-queries.ts';
import { binaryBytesText, bytesText } from '../../lib/bytes.ts';
import { useOrg } from '../shell/org-context.ts';
import { Card } from '../ui/card.tsx';
import { cpuPercent } from './stats.ts';

/** What a container uses just now. A value that is not known says so. */
export function StatsCard({ container }: { container: ContainerRow }) {
  const { slug } = useOrg();
  const { data, error } = useQuery(statsQuery(slug, container.id));
  const now = data?.now;
  const memory = now?.memory_bytes;
  const limit = now?.memory_limit_bytes;
  const share = memory == null || limit == null || limit === 0 ? null : memory / limit;
  return (
    <Card title="Usage" about="Measured every five seconds.">
      {error !== null && (
        <p role="status" className="mb-4 text-sm text-danger">
          Not up to date: {problemOf(error).message}
        </p>
      )}
      <dl className="grid grid-cols-2 gap-x-8 gap-y-5 text-sm sm:grid-cols-3">
        <Value term="Memory" below={<Bar share={share} />}>
          {memory == null
            ? null
            : `${binaryBytesText(memory)}${limit == null ? '' : ` of ${binaryBytesText(limit)}`}`}
        </Value>
        <Value term="Processor">{data && cpuText(cpuPercent(data), data.before === null)}</Value>
        <Value term="Processes and threads">{now?.processes}</Value>
        <Value term="Received">{bytesOrNull(now?.network_received_bytes)}</Value>
        <Value term="Sent">{bytesOrNull(now?.network_sent_bytes)}</Value>
        <Value term="Disk and volumes">
          {now && (
            <>
              <Known>{bytesOrNull(now.disk_bytes)}</Known>
              {', '}
              <Known>{bytesOrNull(now.volume_bytes)}</Known>
            </>
          )}
        </Value>
      </dl>
    </Card>
  );
}

/** What the number above says, at a glance. Without a limit only its place is kept. */
function Bar({ share }: { share: number | null }) {
  return (
    <span
      aria-hidden="true"
      className={`mt-1.5 block h-1.5 max-w-48 overflow-hidden rounded-full bg-track ${share === null ? 'invisible' : ''}`}
    >
      <span
        className={`block h-full rounded-full ${(share ?? 0) > 0.9 ? 'bg-warning' : 'bg-brand'}`}
        style={{ width: `${Math.min(1, share ?? 0) * 100}%` }}
      />
    </span>
  );
}

function cpuText(percent: number | null, isFirst: boolean): string | null {
  if (percent === null) return isFirst ? 'measuring …' : null;
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}% of a core`;
}

function bytesOrNull(bytes: number | null | undefined): string | null | undefined {
  return bytes == null ? bytes : bytesText(bytes);
}

interface ValueProps {
  term: string;
  /** Null: it is not known; undefined: it is being read. */
  children: ReactNode;
  below?: ReactNode;
}

function Value({ term, children, below }: ValueProps) {
  return (
    <div className="grid content-start gap-0.5">
      <dt className="text-faint">{term}</dt>
      <dd className="min-h-5 font-medium tabular-nums">
        <Known>{children}</Known>
        {below}
      </dd>
    </div>
  );
}

function Known({ children }: { children: ReactNode }) {
  return children === null ? <span className="font-normal text-faint">unknown</span> : children;
}
