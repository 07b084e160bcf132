import { Play, RotateCw, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ContainerRow } from '../../api/org-queries.ts';
import { Button } from '../ui/button.tsx';
import { ContainerDeleteDialog } from './container-delete-dialog.tsx';
import { useContainerAct } from '../../api/use-container-act.ts';

interface ContainerActionsProps {
  slug: string;
  container: ContainerRow;
  onDeleted: () => void;
}

/** What can be done with a container as a whole. */
export function ContainerActions({ slug, container, onDeleted }: ContainerActionsProps) {
  const [isDeleting, setIsDeleting] = useState(false);
  const { act, busy } = useContainerAct(slug);
  const isStopped = container.desired_status === 'stopped';
  return (
    <div className="flex flex-wrap gap-2">
      {isStopped ? (
        <Button kind="secondary" isBusy={busy === 'start'} onClick={() => act(container, 'start')}>
          <Play className="size-4" aria-hidden="true" />
          Start
        </Button>
      ) : (
        <>
          <Button
            kind="secondary"
            isBusy={busy === 'restart'}
            onClick={() => act(container, 'restart')}
          >
            <RotateCw className="size-4" aria-hidden="true" />
            Restart
          </Button>
          <Button kind="secondary" isBusy={busy === 'stop'} onClick={() => act(container, 'stop')}>
            <Square className="size-4" aria-hidden="true" />
            Stop
          </Button>
        </>
      )}
      <Button kind="danger-quiet" onClick={() => setIsDeleting(true)}>
        <Trash2 className="size-4" aria-hidden="true" />
        Delete
      </Button>
      <ContainerDeleteDialog
        slug={slug}
        container={isDeleting ? container : null}
        onClose={() => setIsDeleting(false)}
        onDeleted={onDeleted}
      />
    </div>
  );
}
