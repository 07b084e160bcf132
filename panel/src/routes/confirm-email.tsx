import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { keys } from '../api/queries.ts';
import { LinkBroken } from '../components/link-broken.tsx';
import { LinkConfirm } from '../components/link-confirm.tsx';
import { useNotify } from '../components/ui/notices.tsx';

const route = getRouteApi('/open/confirm-email');

export function ConfirmEmailPage() {
  const { token } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const notify = useNotify();
  const confirm = useMutation({
    mutationFn: (body: { token: string }) => unwrap(accountApi.POST('/email/confirm/', { body })),
    async onSuccess() {
      await queries.resetQueries({ queryKey: keys.account });
      notify('Your new address is in force: sign in with it from now on.');
      await router.navigate({ to: '/settings/account/' });
    },
  });
  if (token === undefined) return <LinkBroken />;
  return (
    <LinkConfirm
      title="Confirm your new address"
      about="From then on you sign in with it, and mails go there."
      verb="Use this address"
      onConfirm={() => confirm.mutate({ token })}
      isBusy={confirm.isPending}
      faultMessage={problemOrNull(confirm.error)?.message}
    />
  );
}
