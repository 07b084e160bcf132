import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { problemOf, problemOrNull } from '../api/problem.ts';
import { accountQuery } from '../api/queries.ts';
import { LinkBroken } from '../components/link-broken.tsx';
import { LinkConfirm } from '../components/link-confirm.tsx';
import { BarePage } from '../components/shell/bare-page.tsx';
import { Button } from '../components/ui/button.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';

const route = getRouteApi('/open/verify-email');

/**
 * Creates the account of a sign-up after a click, not on load, because mail scanners open links. In a browser other than the
 * one that signed up, it asks for the password, because anyone can sign up with anyone's address.
 */
export function VerifyEmailPage() {
  const { token } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [isElsewhere, setIsElsewhere] = useState(false);
  const verify = useMutation({
    mutationFn: (body: { token: string; password?: string }) =>
      unwrap(accountApi.POST('/verify-email/', { body })),
    async onSuccess() {
      queries.clear();
      await queries.fetchQuery(accountQuery);
      await router.navigate({ to: '/' });
    },
    onError(error, { password }) {
      if (password !== undefined || !('password' in problemOf(error).fields)) return;
      setIsElsewhere(true);
      verify.reset();
    },
  });
  if (token === undefined) return <LinkBroken />;
  if (!isElsewhere) {
    return (
      <LinkConfirm
        title="Confirm your email address"
        about="Confirm to create your account."
        verb="Create account"
        onConfirm={() => verify.mutate({ token })}
        isBusy={verify.isPending}
        faultMessage={problemOrNull(verify.error)?.message}
      />
    );
  }
  return (
    <BarePage
      title="Is this account yours?"
      about="You signed up in another browser. Enter the password that you chose there."
      foot="If you didn’t sign up, close this page. No account will be created."
    >
      <Form
        label="Confirm your identity"
        onSend={({ password = '' }) => verify.mutate({ token, password })}
        isBusy={verify.isPending}
        fault={problemOrNull(verify.error)}
      >
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
        />
        <Button type="submit" isBusy={verify.isPending}>
          Create account
        </Button>
      </Form>
    </BarePage>
  );
}
