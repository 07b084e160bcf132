import { type Volume, unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { orgKeys } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';

interface VolumeDeleteDialogProps {
  slug: string;
  volume: Volume | null;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Deletes a volume with its data, once its name has been typed. */
export function VolumeDeleteDialog({ slug, volume, onClose, onDeleted }: VolumeDeleteDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [isWrong, setIsWrong] = useState(false);
  const remove = useMutation({
    mutationFn: ({ id }: Volume) =>
      unwrap(api.DELETE('/volumes/{id}/', { params: { path: { id }, query: { org: slug } } })),
    onSuccess(_, { id, name }) {
      queries.setQueryData<Volume[]>(
        orgKeys.volumes(slug),
        (rows) => rows && rows.filter((row) => row.id !== id),
      );
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      close();
      notify(`Volume “${name}” deleted.`);
      onDeleted?.();
    },
  });
  function close() {
    onClose();
    setIsWrong(false);
    remove.reset();
  }
  return (
    <Dialog
      isOpen={volume !== null}
      onClose={close}
      title={`Delete ${volume?.name ?? 'volume'}?`}
      about="All data in it is lost. This can’t be undone."
    >
      <Form
        label="Delete volume"
        onSend={({ confirmation }) => {
          if (volume === null) return;
          setIsWrong(confirmation !== volume.name);
          if (confirmation === volume.name) remove.mutate(volume);
        }}
        isBusy={remove.isPending}
        fault={
          isWrong
            ? { message: '', fields: { confirmation: `Type ${volume?.name ?? ''}.` } }
            : problemOrNull(remove.error)
        }
      >
        <Field
          label={`Type ${volume?.name ?? ''} to confirm`}
          name="confirmation"
          required
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="font-mono"
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="secondary" onClick={close}>
            Cancel
          </Button>
          <Button kind="danger" type="submit" isBusy={remove.isPending}>
            Delete volume
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
