import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { type KubectlCredential, orgKeys } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useNotify } from '../ui/notices.tsx';

interface KubectlRevokeDialogProps {
  slug: string;
  credential: KubectlCredential | null;
  onClose: () => void;
}

export function KubectlRevokeDialog({ slug, credential, onClose }: KubectlRevokeDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const revoke = useMutation({
    mutationFn: ({ id }: KubectlCredential) =>
      unwrap(
        api.DELETE('/kubectl-credentials/{id}/', {
          params: { path: { id }, query: { org: slug } },
        }),
      ),
    async onSuccess(_, revoked) {
      await queries.invalidateQueries({ queryKey: orgKeys.kubectl(slug) });
      onClose();
      notify(`“${credentialName(revoked)}” revoked.`);
    },
  });
  return (
    <ConfirmDialog
      isOpen={credential !== null}
      onClose={() => {
        onClose();
        revoke.reset();
      }}
      onConfirm={() => credential && revoke.mutate(credential)}
      title={`Revoke “${credential === null ? '' : credentialName(credential)}”?`}
      verb="Revoke"
      isBusy={revoke.isPending}
      faultMessage={problemOrNull(revoke.error)?.message}
    >
      Its kubeconfig stops working within 11 seconds. What was created with it keeps running.
    </ConfirmDialog>
  );
}

/** What a credential is called: its name, or what the cluster calls it. */
export function credentialName({ name, sa_name: account }: KubectlCredential): string {
  return name ?? account;
}
