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
      notify('Email address changed. Use it the next time you sign in.');
      await router.navigate({ to: '/settings/account/' });
    },
  });
  if (token === undefined) return <LinkBroken />;
  return (
    <LinkConfirm
      title="Confirm your new email address"
      about="You’ll sign in with it, and we’ll send email to it."
      verb="Use this address"
      onConfirm={() => confirm.mutate({ token })}
      isBusy={confirm.isPending}
      faultMessage={problemOrNull(confirm.error)?.message}
    />
  );
}
