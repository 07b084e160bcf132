import type { Volume } from '@dollarbox/client';
import type { ReactNode } from 'react';
import { Moment } from '../shell/moment.tsx';
import { Meter } from '../ui/meter.tsx';

const BYTES_PER_GB = 1_000_000_000;

/** How full a volume is, and how it is stored. */
export function VolumeFacts({ volume }: { volume: Volume }) {
  const { used_bytes: used, size_gb: size } = volume;
  return (
    <div className="grid gap-6">
      {used === null ? (
        <p className="text-sm text-soft">How much of it is used has not been measured yet.</p>
      ) : (
        <Meter
          label="Used"
          current={Math.round((used / BYTES_PER_GB) * 100) / 100}
          limit={size}
          unit=" GB"
        />
      )}
      <dl className="grid grid-cols-2 gap-x-8 gap-y-4 text-sm sm:grid-cols-4">
        <Fact term="Size">{size} GB</Fact>
        <Fact term="Limit enforced">
          {volume.size_enforced ? 'yes' : 'no: it may grow past it'}
        </Fact>
        <Fact term="Stored as">
          <span className="font-mono">{volume.storage_class}</span>
        </Fact>
        <Fact term="Created">
          <Moment at={volume.created_at} />
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-0.5">
      <dt className="text-faint">{term}</dt>
      <dd className="font-medium wrap-anywhere">{children}</dd>
    </div>
  );
}
