import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery } from '../api/queries.ts';
import { LinkBroken } from '../components/link-broken.tsx';
import { LinkConfirm } from '../components/link-confirm.tsx';

const route = getRouteApi('/open/verify-email');

/** Makes the account of a sign-up. By a press, not by itself: mail scanners open links too. */
export function VerifyEmailPage() {
  const { token } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const verify = useMutation({
    mutationFn: (body: { token: string }) => unwrap(accountApi.POST('/verify-email/', { body })),
    async onSuccess() {
      queries.clear();
      // Somewhere else than where the account was asked for, nobody is signed in by the link.
      const account = await queries.fetchQuery(accountQuery);
      if (account === null)
        await router.navigate({ to: '/sign-in', search: { reason: 'verified' } });
      else await router.navigate({ to: '/' });
    },
  });
  if (token === undefined) return <LinkBroken />;
  return (
    <LinkConfirm
      title="Confirm your address"
      about="One press, and your account is made."
      verb="Confirm and begin"
      onConfirm={() => verify.mutate({ token })}
      isBusy={verify.isPending}
      faultMessage={problemOrNull(verify.error)?.message}
    />
  );
}
