import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';

export function PasswordCard({ account }: { account: Account }) {
  const queries = useQueryClient();
  const notify = useNotify();
  // Resets the form after each change, so that no password stays in it.
  const [round, setRound] = useState(0);
  const change = useMutation({
    mutationFn: ({ current_password = '', new_password = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/password/', { body: { current_password, new_password } })),
    onSuccess() {
      setRound(round + 1);
      notify('Password changed. All other sessions ended.');
      void queries.invalidateQueries({ queryKey: keys.sessions });
      void queries.invalidateQueries({ queryKey: keys.account });
    },
  });
  return (
    <Card
      title="Password"
      about="Changing your password ends all other sessions. API tokens keep working."
    >
      <div className="max-w-md">
        <Form
          key={round}
          label="Change password"
          onSend={(values) => change.mutate(values)}
          isBusy={change.isPending}
          fault={problemOrNull(change.error)}
        >
          <input
            type="hidden"
            name="email"
            autoComplete="username"
            value={account.email}
            readOnly
          />
          <Field
            label="Current password"
            name="current_password"
            type="password"
            autoComplete="current-password"
            required
          />
          <Field
            label="New password"
            name="new_password"
            type="password"
            autoComplete="new-password"
            required
            hint="At least 12 characters. A short sentence is easy to remember."
          />
          <div>
            <Button type="submit" kind="secondary" isBusy={change.isPending}>
              Change password
            </Button>
          </div>
        </Form>
      </div>
    </Card>
  );
}
