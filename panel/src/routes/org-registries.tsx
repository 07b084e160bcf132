import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type Registry, registriesQuery } from '../api/org-queries.ts';
import {
  RegistryCreateDialog,
  RegistryDeleteDialog,
  registryPath,
} from '../components/registries/registry-dialogs.tsx';
import { Moment } from '../components/shell/moment.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { Card } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';
import { type Column, Table } from '../components/ui/table.tsx';

/** The credentials that an org's private images are pulled with. */
export function OrgRegistriesPage() {
  const { slug, role } = useOrg();
  const registries = useQuery(registriesQuery(slug));
  const [isAdding, setIsAdding] = useState(false);
  const [doomed, setDoomed] = useState<Registry | null>(null);
  const mayWrite = role !== 'member';
  return (
    <Page
      title="Registries"
      about="Credentials for private images."
      action={
        mayWrite && (
          <Button onClick={() => setIsAdding(true)}>
            <Plus className="size-4" aria-hidden="true" />
            Add a registry
          </Button>
        )
      }
    >
      <Card
        title="Private registries"
        isFlush
        about={
          mayWrite
            ? 'The credential with the longest matching path is used.'
            : 'Only admins and owners can add and remove them.'
        }
      >
        <QueryView query={registries} what="the registries" rows={3}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No private registries yet">
                Public images need no credential. Add one to pull from a registry that asks for it.
              </Empty>
            ) : (
              <Table
                label="Registries"
                rows={rows}
                rowKey={({ id }) => id}
                columns={columnsOf(mayWrite, setDoomed)}
              />
            )
          }
        </QueryView>
      </Card>
      <RegistryCreateDialog slug={slug} isOpen={isAdding} onClose={() => setIsAdding(false)} />
      <RegistryDeleteDialog slug={slug} registry={doomed} onClose={() => setDoomed(null)} />
    </Page>
  );
}

function columnsOf(mayWrite: boolean, onRemove: (registry: Registry) => void): Column<Registry>[] {
  return [
    {
      key: 'path',
      head: 'Images of',
      cell: (registry) => (
        <span className="font-mono font-medium wrap-anywhere">{registryPath(registry)}</span>
      ),
      onPhone: 'main',
    },
    {
      key: 'username',
      head: 'User name',
      cell: ({ username }) => <span className="wrap-anywhere">{username}</span>,
    },
    {
      key: 'secret',
      head: 'Secret',
      cell: ({ secret_fingerprint: print }) => (
        <span className="font-mono" title={print}>
          {print.slice(0, 8)}
        </span>
      ),
      onPhone: 'quiet',
    },
    {
      key: 'added',
      head: 'Added',
      cell: ({ created_at: at }) => <Moment at={at} />,
      onPhone: 'quiet',
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      cell: (registry) =>
        mayWrite && (
          <Button
            kind="secondary"
            size="small"
            aria-label={`Remove ${registryPath(registry)}`}
            onClick={() => onRemove(registry)}
          >
            Remove
          </Button>
        ),
      className: 'max-sm:ml-auto',
    },
  ];
}
