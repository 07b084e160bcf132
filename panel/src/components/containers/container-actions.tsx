import { Play, RotateCw, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type ContainerVerb, useContainerVerb } from '../../api/container-writes.ts';
import type { ContainerRow } from '../../api/org-queries.ts';
import { problemOf } from '../../api/problem.ts';
import { Button } from '../ui/button.tsx';
import { useNotify } from '../ui/notices.tsx';
import { ContainerDeleteDialog } from './container-delete-dialog.tsx';

interface ContainerActionsProps {
  slug: string;
  container: ContainerRow;
  onDeleted: () => void;
}

const DONE: Record<ContainerVerb, string> = {
  start: 'is starting',
  stop: 'is stopping',
  restart: 'is restarting',
};

/** What can be done with a container as a whole. */
export function ContainerActions({ slug, container, onDeleted }: ContainerActionsProps) {
  const [isDeleting, setIsDeleting] = useState(false);
  const notify = useNotify();
  const act = useContainerVerb(slug);
  const isStopped = container.status === 'stopped';
  function run(verb: ContainerVerb) {
    act.mutate(
      { id: container.id, verb },
      {
        onSuccess: () => notify(`“${container.name}” ${DONE[verb]}.`),
        onError: (error) => notify(problemOf(error).message, 'failed'),
      },
    );
  }
  const busy = act.isPending ? act.variables.verb : null;
  return (
    <div className="flex flex-wrap gap-2">
      {isStopped ? (
        <Button kind="secondary" isBusy={busy === 'start'} onClick={() => run('start')}>
          <Play className="size-4" aria-hidden="true" />
          Start
        </Button>
      ) : (
        <>
          <Button kind="secondary" isBusy={busy === 'restart'} onClick={() => run('restart')}>
            <RotateCw className="size-4" aria-hidden="true" />
            Restart
          </Button>
          <Button kind="secondary" isBusy={busy === 'stop'} onClick={() => run('stop')}>
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
