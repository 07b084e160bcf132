import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQueryClient } from '@tanstack/react-query';
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
  const update = useMutation({
    mutationFn: ({ name = '' }: Record<string, string>) =>
      unwrap(accountApi.PATCH('/', { body: { name: name.trim() } })),
    onSuccess(changed) {
      queries.setQueryData(keys.account, changed);
      notify('Your name is changed.');
    },
  });
  return (
    <Card title="Name" about="What others in your orgs see.">
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
