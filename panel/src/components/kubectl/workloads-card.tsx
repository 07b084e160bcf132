import { useQuery } from '@tanstack/react-query';
import { type Workload, workloadsQuery } from '../../api/org-queries.ts';
import { orgQuery } from '../../api/queries.ts';
import { binaryBytesText } from '../../lib/bytes.ts';
import { QueryView } from '../shell/query-view.tsx';
import { Card } from '../ui/card.tsx';
import { type Column, Table } from '../ui/table.tsx';

/** What members run with kubectl, which counts against the same limits. Nothing where nobody ever did. */
export function WorkloadsCard({ slug }: { slug: string }) {
  const org = useQuery(orgQuery(slug));
  const isOn = org.data?.value.kubectl_enabled === true;
  const workloads = useQuery(workloadsQuery(slug, isOn));
  const hasAny = (workloads.data ?? []).length > 0;
  if (!isOn && !hasAny) return null;
  return (
    <Card title="kubectl" isFlush about="What members created with kubectl.">
      <QueryView query={workloads} what="what runs by kubectl" rows={3}>
        {(rows) => (
          <>
            <p className="px-5 py-4 text-sm text-soft sm:px-6">{sumText(rows)}</p>
            {rows.length > 0 && (
              <Table
                label="Created with kubectl"
                rows={rows}
                rowKey={({ kind, name }) => `${kind}/${name}`}
                columns={COLUMNS}
              />
            )}
          </>
        )}
      </QueryView>
    </Card>
  );
}

/** Amounts as words, those that are not 0: "1 container, 64 MiB of memory". */
function usedTexts(uses: Workload['uses']): string[] {
  const { containers, memory_bytes: memory, volume_gb: volumeGb, addresses } = uses;
  return [
    ...(containers > 0 ? [containers === 1 ? '1 container' : `${containers} containers`] : []),
    ...(memory > 0 ? [`${binaryBytesText(memory)} of memory`] : []),
    ...(volumeGb > 0 ? [`${Number(volumeGb.toFixed(1))} GB of volumes`] : []),
    ...(addresses > 0 ? [addresses === 1 ? '1 address' : `${addresses} addresses`] : []),
  ];
}

function sumText(rows: readonly Workload[]): string {
  const sum = { containers: 0, memory_bytes: 0, volume_gb: 0, addresses: 0 };
  for (const { uses } of rows) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += uses[key];
  }
  const texts = usedTexts(sum);
  if (texts.length === 0) return 'Nothing that counts against the limits above.';
  return `In addition to the above, these use ${texts.join(', ')} of the same limits.`;
}

const COLUMNS: Column<Workload>[] = [
  {
    key: 'name',
    head: 'Name',
    cell: ({ name }) => <span className="font-medium wrap-anywhere">{name}</span>,
    onPhone: 'main',
  },
  { key: 'kind', head: 'Kind', cell: ({ kind }) => kind },
  {
    key: 'owner',
    head: 'Owner',
    cell: ({ owner }) =>
      owner === null ? '–' : <span className="wrap-anywhere">{`${owner.kind} ${owner.name}`}</span>,
    onPhone: 'quiet',
  },
  { key: 'uses', head: 'Uses', cell: ({ uses }) => usedTexts(uses).join(', ') || 'Nothing' },
];
