import { unwrap } from '@dollarbox/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { setupQuery } from '../api/queries.ts';
import { MailSent } from '../components/mail-sent.tsx';
import { BarePage } from '../components/shell/bare-page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';

const route = getRouteApi('/open/sign-up');

export function SignUpPage() {
  const setup = useQuery(setupQuery);
  const { invite } = route.useSearch();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const foot = (
    <>
      Have an account? <TextLink to="/sign-in">Sign in</TextLink>
    </>
  );
  if (sentTo !== null) return <SentPage email={sentTo} />;
  if (setup.data?.signup === 'closed') {
    return (
      <BarePage
        title="Sign-up is closed"
        about="This installation doesn’t accept new accounts. Ask its operator for one."
        foot={foot}
      />
    );
  }
  if (setup.data?.signup === 'invite' && invite === undefined) {
    return (
      <BarePage
        title="Sign-up is by invitation"
        about="You need an invitation to create an account. Open the link in your invitation email, or ask the operator of this installation for one."
        foot={foot}
      />
    );
  }
  return (
    <BarePage
      title="Create your account"
      about="You get an org of your own and can start a container in a minute."
      foot={foot}
    >
      <QueryView query={setup} what="the form">
        {() => <SignUpForm invite={invite} onSent={setSentTo} />}
      </QueryView>
    </BarePage>
  );
}

interface SignUpFormProps {
  invite: string | undefined;
  onSent: (email: string) => void;
}

function SignUpForm({ invite, onSent }: SignUpFormProps) {
  const signUp = useMutation({
    mutationFn: async (values: Record<string, string>) => {
      const { password = '' } = values;
      const [email, name, orgName] = ['email', 'name', 'org_name'].map((key) =>
        (values[key] ?? '').trim(),
      ) as [string, string, string];
      const more = invite === undefined ? {} : { invite };
      const body = { email, password, name, org_name: orgName, ...more };
      await unwrap(accountApi.POST('/sign-up/', { body }));
      return email;
    },
    onSuccess: onSent,
  });
  return (
    <Form
      label="Create your account"
      onSend={(values) => signUp.mutate(values)}
      isBusy={signUp.isPending}
      fault={problemOrNull(signUp.error)}
    >
      <Field label="Your name" name="name" autoComplete="name" required autoFocus />
      <Field label="Email" name="email" type="email" autoComplete="username" required />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint="At least 12 characters. A short sentence is easy to remember."
      />
      <Field
        label="Org"
        name="org_name"
        autoComplete="organization"
        required
        hint="The name of your team, company or project."
      />
      <Button type="submit" isBusy={signUp.isPending}>
        Create account
      </Button>
    </Form>
  );
}

function SentPage({ email }: { email: string }) {
  const again = useMutation({
    mutationFn: () => unwrap(accountApi.POST('/verification-email/', { body: { email } })),
  });
  return (
    <MailSent
      email={email}
      purpose="Open it in this browser to confirm your address and create your account."
      onAgain={() => again.mutate()}
      isBusy={again.isPending}
      isSentAgain={again.isSuccess}
      faultMessage={problemOrNull(again.error)?.message}
    />
  );
}
