import { type Volume, unwrap } from '@dollarbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { orgKeys } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { usageQuery } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';

interface VolumeCreateDialogProps {
  slug: string;
  isOpen: boolean;
  onClose: () => void;
  onCreated: (volume: Volume) => void;
}

/** Creates a volume of the org. */
export function VolumeCreateDialog({ slug, isOpen, onClose, onCreated }: VolumeCreateDialogProps) {
  const queries = useQueryClient();
  const usage = useQuery({ ...usageQuery(slug), enabled: isOpen });
  const create = useMutation({
    mutationFn: ({ name = '', size_gb: size = '' }: Record<string, string>) =>
      unwrap(
        api.POST('/volumes/', {
          params: { query: { org: slug } },
          // What is not a number becomes null, which the server refuses at the field.
          body: { name, size_gb: Number(size) },
        }),
      ),
    onSuccess(volume) {
      queries.setQueryData<Volume[]>(orgKeys.volumes(slug), (rows) =>
        rows === undefined || rows.some(({ id }) => id === volume.id) ? rows : [volume, ...rows],
      );
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      onCreated(volume);
      close();
    },
  });
  function close() {
    onClose();
    create.reset();
  }
  const room = usage.data?.volume_gb;
  const left = room === undefined ? null : Math.max(0, room.limit - room.current);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title="New volume"
      about="It keeps its data when containers are updated or deleted. Size and name can’t be changed later."
    >
      {/* React sends events from here to the form that the dialog was opened from. */}
      <div onSubmit={(event) => event.stopPropagation()}>
        <Form
          label="New volume"
          onSend={(values) => create.mutate(values)}
          isBusy={create.isPending}
          fault={problemOrNull(create.error)}
        >
          <Field label="Name" name="name" required autoComplete="off" placeholder="data" />
          <Field
            label="Size in GB"
            name="size_gb"
            required
            inputMode="numeric"
            autoComplete="off"
            defaultValue="1"
            hint={left === null ? undefined : `${left} of ${room?.limit ?? 0} GB are left.`}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button kind="secondary" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" isBusy={create.isPending}>
              Create volume
            </Button>
          </div>
        </Form>
      </div>
    </Dialog>
  );
}
