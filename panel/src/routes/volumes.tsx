import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { containersQuery, volumesQuery } from '../api/org-queries.ts';
import { usageQuery } from '../api/queries.ts';
import { LimitNote } from '../components/shell/limit-note.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { useNotify } from '../components/ui/notices.tsx';
import { Empty } from '../components/ui/states.tsx';
import { VolumeCreateDialog } from '../components/volumes/volume-create-dialog.tsx';
import { VolumeList } from '../components/volumes/volume-list.tsx';

/** The volumes of an org. */
export function VolumesPage() {
  const { slug } = useOrg();
  const volumes = useQuery(volumesQuery(slug));
  const { data: containers = [] } = useQuery(containersQuery(slug));
  const usage = useQuery(usageQuery(slug));
  const notify = useNotify();
  const [isCreating, setIsCreating] = useState(false);
  const room = usage.data?.volume_gb;
  const isFull = room !== undefined && room.current >= room.limit;
  return (
    <Page
      title="Volumes"
      about={
        room &&
        `${room.current.toLocaleString('en')} of ${room.limit.toLocaleString('en')} GB in use.`
      }
      action={
        <Button onClick={() => setIsCreating(true)} disabled={isFull}>
          <Plus className="size-4" aria-hidden="true" />
          New volume
        </Button>
      }
    >
      {isFull && <LimitNote slug={slug} what="GB of volumes" limit={room.limit} />}
      <QueryView query={volumes} what="the volumes">
        {(rows) =>
          rows.length === 0 ? (
            <div className="rounded-xl border border-line bg-surface">
              <Empty title="No volumes yet">
                A volume keeps data that must outlive its container: of a database, for example.
              </Empty>
            </div>
          ) : (
            <VolumeList slug={slug} volumes={rows} containers={containers} />
          )
        }
      </QueryView>
      <VolumeCreateDialog
        slug={slug}
        isOpen={isCreating}
        onClose={() => setIsCreating(false)}
        onCreated={({ name }) => notify(`Volume “${name}” created.`)}
      />
    </Page>
  );
}
