import { DollarboxError, unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { problemOf, problemOrNull } from '../api/problem.ts';
import { accountQuery, invitationLinkQuery } from '../api/queries.ts';
import { LinkBroken } from '../components/link-broken.tsx';
import { MailSent } from '../components/mail-sent.tsx';
import { BarePage } from '../components/shell/bare-page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';
import { dateTimeText } from '../lib/moments.ts';

type Invitation = components['schemas']['InvitationShown'];

const route = getRouteApi('/open/invitations/accept');

/** Accepts an invitation after a click, not on load, because mail scanners open links. */
export function InvitationAcceptPage() {
  const { token } = route.useSearch();
  if (token === undefined) return <LinkBroken />;
  return <LinkPage token={token} />;
}

function LinkPage({ token }: { token: string }) {
  const invitation = useQuery(invitationLinkQuery(token));
  if (invitation.error instanceof DollarboxError && invitation.error.status === 404) {
    return (
      <OverPage
        title="This invitation link doesn’t work"
        about="You may have been sent a newer one. Use the latest link, or ask the person who invited you for another."
      />
    );
  }
  if (invitation.data === undefined) {
    return (
      <BarePage title="Invitation">
        <QueryView query={invitation} what="the invitation">
          {() => null}
        </QueryView>
      </BarePage>
    );
  }
  return <InvitationPage token={token} invitation={invitation.data} />;
}

interface InvitationProps {
  token: string;
  invitation: Invitation;
}

function InvitationPage({ token, invitation }: InvitationProps) {
  const { data: account } = useSuspenseQuery(accountQuery);
  const { org, state } = invitation;
  const isInvited = account?.email.toLowerCase() === invitation.email.toLowerCase();
  if (isInvited && account?.orgs.some(({ slug }) => slug === org.slug) === true) {
    return (
      <OverPage
        title="You’re already a member"
        about={`You belong to ${org.name}. There’s nothing left to accept.`}
        org={org}
      />
    );
  }
  if (state === 'accepted') {
    return (
      <OverPage
        title="This invitation was already used"
        about={`Each invitation works once. If it was you who used it, sign in to open ${org.name}.`}
      />
    );
  }
  if (state === 'revoked') {
    return (
      <OverPage
        title="This invitation was revoked"
        about={`Ask ${inviterOf(invitation)} for another one.`}
      />
    );
  }
  if (state === 'expired') {
    return (
      <OverPage
        title="This invitation has expired"
        about={`Ask ${inviterOf(invitation)} to send it again.`}
      />
    );
  }
  if (account === null) return <NewcomerPage token={token} invitation={invitation} />;
  if (!isInvited) {
    return <OtherAddressPage invitation={invitation} account={account} />;
  }
  return <JoinPage token={token} invitation={invitation} />;
}

/** A link that can't be used, and the way on. */
function OverPage({
  title,
  about,
  org,
}: {
  title: string;
  about: string;
  org?: Invitation['org'];
}) {
  const foot =
    org === undefined ? (
      <TextLink to="/sign-in">Go to sign-in</TextLink>
    ) : (
      <TextLink to="/orgs/$slug" params={{ slug: org.slug }}>
        Go to {org.name}
      </TextLink>
    );
  return <BarePage title={title} about={about} foot={foot} />;
}

function inviterOf({ inviter }: Invitation): string {
  if (inviter === null) return 'the person who invited you';
  return inviter.name === '' ? inviter.email : `${inviter.name} (${inviter.email})`;
}

/** Who invites whom to what, until when. */
function Terms({ invitation }: { invitation: Invitation }) {
  const { inviter, email, role, org, expires_at: expiresAt } = invitation;
  const who = inviter === null ? 'The operator' : inviterOf(invitation);
  return (
    <>
      {who} invites <strong className="font-semibold text-ink">{email}</strong> to the org{' '}
      {org.name} (<span className="font-mono">{org.slug}</span>) as {role === 'admin' ? 'an' : 'a'}{' '}
      {role}. The invitation expires on {dateTimeText(expiresAt)}.
    </>
  );
}

function JoinPage({ token, invitation }: InvitationProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const { slug, name } = invitation.org;
  const accept = useMutation({
    mutationFn: () => unwrap(accountApi.POST('/invitations/accept/', { body: { token } })),
    async onSuccess(result) {
      if (result.mail_sent) return;
      queries.clear();
      await queries.fetchQuery(accountQuery);
      await router.navigate({ to: '/orgs/$slug', params: { slug } });
    },
    // Whatever is in the way has a page of its own.
    onError: () =>
      void queries.invalidateQueries({ queryKey: invitationLinkQuery(token).queryKey }),
  });
  if (accept.data?.mail_sent === true) {
    return (
      <ProofSentPage
        invitation={invitation}
        onAgain={() => accept.mutate()}
        isBusy={accept.isPending}
      />
    );
  }
  return (
    <BarePage title={`Join ${name}`} about={<Terms invitation={invitation} />}>
      <Fault message={problemOrNull(accept.error)?.message} />
      <Button isBusy={accept.isPending} onClick={() => accept.mutate()}>
        Accept invitation
      </Button>
    </BarePage>
  );
}

function Fault({ message }: { message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <Callout kind="danger" role="alert">
      {message}
    </Callout>
  );
}

function ProofSentPage(props: { invitation: Invitation; onAgain: () => void; isBusy: boolean }) {
  const { invitation, onAgain, isBusy } = props;
  return (
    <MailSent
      email={invitation.email}
      purpose={`Open it in this browser to join ${invitation.org.name}.`}
      onAgain={onAgain}
      isBusy={isBusy}
      isSentAgain={false}
      faultMessage={undefined}
    />
  );
}

function OtherAddressPage({ invitation, account }: { invitation: Invitation; account: Account }) {
  const signOut = useMutation({
    mutationFn: () => unwrap(accountApi.POST('/sign-out/')),
    // The page is built on the account from the start, and nothing of the former one may stay.
    onSuccess: () => globalThis.location.reload(),
  });
  return (
    <BarePage
      title="This invitation is for someone else"
      about={
        <>
          It is for <strong className="font-semibold text-ink">{invitation.email}</strong>, and you
          are signed in as <strong className="font-semibold text-ink">{account.email}</strong>.
        </>
      }
      foot={<TextLink to="/">Stay signed in</TextLink>}
    >
      <Fault message={problemOrNull(signOut.error)?.message} />
      <Button isBusy={signOut.isPending} onClick={() => signOut.mutate()}>
        Sign out and continue
      </Button>
    </BarePage>
  );
}

function NewcomerPage({ token, invitation }: InvitationProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const [sent, setSent] = useState<Record<string, string> | null>(null);
  const { slug, name } = invitation.org;
  const next = `/invitations/accept?token=${encodeURIComponent(token)}`;
  const join = useMutation({
    mutationFn: ({ name: person = '', password = '' }: Record<string, string>) =>
      unwrap(
        accountApi.POST('/invitations/sign-up/', {
          body: { token, name: person.trim(), password },
        }),
      ),
    async onSuccess(result, values) {
      if (result.mail_sent) return setSent(values);
      queries.clear();
      await queries.fetchQuery(accountQuery);
      await router.navigate({ to: '/orgs/$slug', params: { slug } });
    },
    onError: (error) =>
      Object.keys(problemOf(error).fields).length === 0
        ? void queries.invalidateQueries({ queryKey: invitationLinkQuery(token).queryKey })
        : undefined,
  });
  if (sent !== null) {
    return (
      <ProofSentPage
        invitation={invitation}
        onAgain={() => join.mutate(sent)}
        isBusy={join.isPending}
      />
    );
  }
  const foot = (
    <>
      Have an account?{' '}
      <TextLink to="/sign-in" search={{ next }}>
        Sign in
      </TextLink>
    </>
  );
  if (!invitation.sign_up) {
    return (
      <BarePage title={`Join ${name}`} about={<Terms invitation={invitation} />} foot={foot}>
        <Callout kind="warning">
          Sign-up is closed on this installation: only people who have an account can accept. Ask
          its operator for one.
        </Callout>
      </BarePage>
    );
  }
  return (
    <BarePage title={`Join ${name}`} about={<Terms invitation={invitation} />} foot={foot}>
      <Form
        label="Create your account"
        onSend={(values) => join.mutate(values)}
        isBusy={join.isPending}
        fault={problemOrNull(join.error)}
      >
        <Field label="Your name" name="name" autoComplete="name" required autoFocus />
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          value={invitation.email}
          readOnly
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 12 characters. A short sentence is easy to remember."
        />
        <Button type="submit" isBusy={join.isPending}>
          Create account and join
        </Button>
      </Form>
    </BarePage>
  );
}
