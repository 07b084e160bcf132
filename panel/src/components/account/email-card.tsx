import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { setupQuery } from '../../api/queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';

export function EmailCard({ account }: { account: Account }) {
  const [round, setRound] = useState(0);
  const change = useMutation({
    mutationFn: async ({ email = '', password = '' }: Record<string, string>) => {
      await unwrap(accountApi.POST('/email/', { body: { email: email.trim(), password } }));
      return email.trim();
    },
    onSuccess: () => setRound(round + 1),
  });
  return (
    <Card
      title="Email"
      about={
        <>
          You sign in with{' '}
          <strong className="font-semibold text-ink wrap-anywhere">{account.email}</strong>. A new
          address takes effect when you open the link that we send to it.
        </>
      }
    >
      <div className="grid max-w-md gap-5">
        {change.isSuccess && (
          <Callout kind="success" role="status">
            <LinkSent address={change.data} />
          </Callout>
        )}
        <Form
          key={round}
          label="Change your email"
          onSend={(values) => change.mutate(values)}
          isBusy={change.isPending}
          fault={problemOrNull(change.error)}
        >
          <Field label="New email" name="email" type="email" autoComplete="email" required />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          <div>
            <Button type="submit" kind="secondary" isBusy={change.isPending}>
              Change email
            </Button>
          </div>
        </Form>
      </div>
    </Card>
  );
}

function LinkSent({ address }: { address: string }) {
  const { data: setup } = useQuery(setupQuery);
  return setup?.mail === 'outbox'
    ? `There is now a link for ${address}. This installation doesn’t send email: ask its operator for the link. Nothing changes until you open it.`
    : `We sent a link to ${address}. Nothing changes until you open it.`;
}
