import { useQuery } from '@tanstack/react-query';
import { useContainerDelete } from '../../api/container-writes.ts';
import { type ContainerRow, volumesQuery } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useNotify } from '../ui/notices.tsx';

interface ContainerDeleteDialogProps {
  slug: string;
  container: ContainerRow | null;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks before a container is deleted, and says which volumes stay. */
export function ContainerDeleteDialog(props: ContainerDeleteDialogProps) {
  const { slug, container, onClose, onDeleted } = props;
  const notify = useNotify();
  const { data: volumes = [] } = useQuery({ ...volumesQuery(slug), enabled: container !== null });
  const remove = useContainerDelete(slug, {
    onDone({ name }) {
      onClose();
      notify(`Container “${name}” deleted.`);
      onDeleted?.();
    },
  });
  const kept = volumes.filter((volume) => volume.container === container?.id);
  return (
    <ConfirmDialog
      isOpen={container !== null}
      onClose={() => {
        onClose();
        remove.reset();
      }}
      onConfirm={() => {
        if (container !== null) remove.mutate(container);
      }}
      title={`Delete ${container?.name ?? 'container'}?`}
      verb="Delete"
      isBusy={remove.isPending}
      faultMessage={problemOrNull(remove.error)?.message}
    >
      Its process ends, its address is given up, and what it wrote outside volumes is lost.{' '}
      {kept.length === 0
        ? 'It has no volume of its own.'
        : `${kept.length === 1 ? 'This volume stays' : 'These volumes stay'}: ${kept.map(({ name }) => name).join(', ')}.`}
    </ConfirmDialog>
  );
}
