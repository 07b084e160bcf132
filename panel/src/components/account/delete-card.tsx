import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

export function DeleteCard() {
  const router = useRouter();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => unwrap(accountApi.DELETE('/')),
    async onSuccess() {
      queries.setQueryData(keys.account, null);
      await router.navigate({ to: '/sign-in', search: { reason: 'deleted' } });
      queries.clear();
    },
  });
  return (
    <Card
      title="Delete your account"
      about="Deletes your account, API tokens, sessions, and any empty org in which you are the only member. This can’t be undone."
      aside={
        <Button
          kind="danger-quiet"
          size="small"
          onClick={() => {
            remove.reset();
            setIsAsking(true);
          }}
        >
          Delete account
        </Button>
      }
    >
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        onConfirm={() => remove.mutate()}
        title="Delete your account?"
        verb="Delete account"
        isBusy={remove.isPending}
        faultMessage={problemOrNull(remove.error)?.message}
      >
        Your API tokens stop working immediately, and you are signed out everywhere. A deleted
        account can’t be restored.
      </ConfirmDialog>
    </Card>
  );
}
