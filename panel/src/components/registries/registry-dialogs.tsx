import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { type Registry, orgKeys } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';

interface RegistryCreateDialogProps {
  slug: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Adds a credential for a private registry. */
export function RegistryCreateDialog({ slug, isOpen, onClose }: RegistryCreateDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const create = useMutation({
    mutationFn: ({
      host = '',
      path_prefix = '',
      username = '',
      secret = '',
    }: Record<string, string>) =>
      unwrap(
        api.POST('/registries/', {
          params: { query: { org: slug } },
          body: { host, path_prefix, username, secret },
        }),
      ),
    async onSuccess({ host }) {
      await queries.invalidateQueries({ queryKey: orgKeys.registries(slug) });
      close();
      notify(`Credential for ${host} added.`);
    },
  });
  function close() {
    onClose();
    create.reset();
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title="Add a registry"
      about="Only this org’s pulls use the credential, and only its own host receives it."
    >
      <Form
        label="Add a registry"
        onSend={(values) => create.mutate(values)}
        isBusy={create.isPending}
        fault={problemOrNull(create.error)}
      >
        <Field
          label="Host"
          name="host"
          required
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="ghcr.io"
          hint="As in an image reference, with its port if it has one. docker.io for Docker Hub."
        />
        <Field
          label="Path prefix"
          name="path_prefix"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="team"
          hint="Only for images below this path. Empty: for all images of the host."
        />
        <Field
          label="User name"
          name="username"
          required
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <Field
          label="Password or access token"
          name="secret"
          type="password"
          required
          autoComplete="new-password"
          hint="It can’t be read back."
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="secondary" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" isBusy={create.isPending}>
            Add registry
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

interface RegistryDeleteDialogProps {
  slug: string;
  registry: Registry | null;
  onClose: () => void;
}

export function RegistryDeleteDialog({ slug, registry, onClose }: RegistryDeleteDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const remove = useMutation({
    mutationFn: ({ id }: Registry) =>
      unwrap(api.DELETE('/registries/{id}/', { params: { path: { id }, query: { org: slug } } })),
    async onSuccess(_, { host }) {
      await queries.invalidateQueries({ queryKey: orgKeys.registries(slug) });
      onClose();
      notify(`Credential for ${host} removed.`);
    },
  });
  return (
    <ConfirmDialog
      isOpen={registry !== null}
      onClose={() => {
        onClose();
        remove.reset();
      }}
      onConfirm={() => registry && remove.mutate(registry)}
      title={`Remove the credential for ${registry === null ? '' : registryPath(registry)}?`}
      verb="Remove"
      isBusy={remove.isPending}
      faultMessage={problemOrNull(remove.error)?.message}
    >
      Containers keep running. Their images can’t be pulled again from there unless they are public
      or another credential matches.
    </ConfirmDialog>
  );
}

/** Which images a credential is for. */
export function registryPath({ host, path_prefix: prefix }: Registry): string {
  return prefix === '' ? host : `${host}/${prefix}`;
}
