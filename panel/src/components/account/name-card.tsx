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

export function NameCard({ account }: { account: Account }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [shownName, setShownName] = useState(account.name);
  const update = useMutation({
    mutationFn: async ({ name = '' }: Record<string, string>) => {
      // Another tab may have saved since this form was filled in: its value is not overwritten unseen.
      const current = await unwrap(accountApi.GET('/'));
      if (current.name !== shownName) {
        queries.setQueryData(keys.account, current);
        setShownName(current.name);
        throw new Error(
          `Your name was changed to “${current.name}” elsewhere. Save again to replace it.`,
        );
      }
      return unwrap(accountApi.PATCH('/', { body: { name: name.trim() } }));
    },
    onSuccess(changed) {
      queries.setQueryData(keys.account, changed);
      setShownName(changed.name);
      notify('Name changed.');
    },
  });
  return (
    <Card title="Name" about="The name that others in your orgs see.">
      <div className="max-w-md">
        <Form
          label="Your name"
          onSend={(values) => update.mutate(values)}
          isBusy={update.isPending}
          fault={problemOrNull(update.error)}
        >
          <Field
            label="Name"
            name="name"
            autoComplete="name"
            defaultValue={account.name}
            required
          />
          <div>
            <Button type="submit" kind="secondary" isBusy={update.isPending}>
              Change name
            </Button>
          </div>
        </Form>
      </div>
    </Card>
  );
}
