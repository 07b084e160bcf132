import { unwrap } from '@dollarbox/client';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery } from '../api/queries.ts';
import { Page } from '../components/shell/page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { ClientLoginForm, type Granted } from '../components/tokens/client-login-form.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Card } from '../components/ui/card.tsx';
import { type LoopbackRequest, loopbackRequestOf, refusalUrl } from '../lib/loopback.ts';

const route = getRouteApi('/member/client-login');

/** Grants a token to a program on this computer, which waits on a port of its own. */
export function ClientLoginPage() {
  const request = loopbackRequestOf(route.useSearch());
  if (request === null) {
    return (
      <Page
        title="This link is incomplete"
        about="It should come from a program on this computer. Run its sign-in again."
      >
        <p>
          <TextLink to="/settings/api-tokens">Go to your API tokens</TextLink>
        </p>
      </Page>
    );
  }
  return (
    <Page
      title="Sign in a program"
      about="It will be able to use the API as you. Go on only if you have just started its sign-in yourself."
    >
      <RequestCard request={request} />
    </Page>
  );
}

function RequestCard({ request }: { request: LoopbackRequest }) {
  const { data: account } = useSuspenseQuery(accountQuery);
  const { client, redirectUri, state, codeChallenge } = request;
  const approve = useMutation({
    mutationFn: (granted: Granted) =>
      unwrap(
        accountApi.POST('/client-logins/authorize/', {
          body: {
            ...{ client, redirect_uri: redirectUri, state },
            ...{ code_challenge: codeChallenge, ...granted },
          },
        }),
      ),
    onSuccess: ({ redirect_to: target }) => globalThis.location.replace(target),
  });
  if (account === null) return null;
  if (approve.isSuccess) {
    return <Callout kind="success">Allowed. {client} goes on by itself.</Callout>;
  }
  return (
    <Card title="Rights">
      <ClientLoginForm
        asked={request}
        address={
          <>
            This computer (<span className="font-mono">{new URL(redirectUri).host}</span>)
          </>
        }
        account={account}
        onApprove={approve.mutate}
        isBusy={approve.isPending}
        fault={problemOrNull(approve.error)}
        onRefuse={() => globalThis.location.replace(refusalUrl(request))}
        isRefusing={false}
      />
    </Card>
  );
}
