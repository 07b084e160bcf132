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
 * Makes the account of a sign-up. By a press, not by itself: mail scanners open links too. In another browser than the
 * one that signed up, it asks for the password: anyone can sign up with anyone's address.
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
        title="Confirm your address"
        about="One press, and your account is made."
        verb="Confirm and begin"
        onConfirm={() => verify.mutate({ token })}
        isBusy={verify.isPending}
        faultMessage={problemOrNull(verify.error)?.message}
      />
    );
  }
  return (
    <BarePage
      title="Is this account yours?"
      about="It was asked for in another browser. Enter the password that was chosen there."
      foot="If it was not you who asked for it, close this page: no account is made."
    >
      <Form
        label="Confirm that it is yours"
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
          Confirm and begin
        </Button>
      </Form>
    </BarePage>
  );
}
