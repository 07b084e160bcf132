import type { components } from '@dollarbox/client/schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys, orgQuery } from '../../api/queries.ts';
import { type Versioned, isOutdated, unwrapVersioned, useEditing } from '../../api/versioned.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Card } from '../ui/card.tsx';
import { Conflict, conflictFieldsOf } from '../ui/conflict.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';

type Org = components['schemas']['Org'];

const LABELS = { name: 'Name', billing_email: 'Billing email' };
type Values = Record<keyof typeof LABELS, string>;

/** The name of an org, and where its bills go. */
export function OrgGeneralCard({ org: current }: { org: Versioned<Org> }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const { slug } = current.value;
  const { base, isChangedElsewhere, round, take, rebase } = useEditing(current);
  const [conflict, setConflict] = useState<{ theirs: Versioned<Org>; yours: Values } | null>(null);
  const save = useMutation({
    mutationFn: ({ body, version }: { body: Values; version: string }) =>
      unwrapVersioned(
        api.PATCH('/orgs/{slug}/', {
          params: { path: { slug }, header: { 'If-Match': version } },
          body,
        }),
      ),
    onSuccess(saved) {
      queries.setQueryData(keys.org(slug), saved);
      take(saved);
      setConflict(null);
      void queries.invalidateQueries({ queryKey: keys.account });
      notify('Org changed.');
    },
    async onError(error, { body }) {
      if (!isOutdated(error)) return;
      const theirs = await queries.fetchQuery({ ...orgQuery(slug), staleTime: 0 });
      setConflict({ theirs, yours: body });
    },
  });
  const mayChange = current.value.role !== 'member';
  return (
    <Card
      title="General"
      about={mayChange ? undefined : 'Only admins and owners can change these.'}
    >
      <div className="grid gap-5">
        {conflict !== null && (
          <Conflict
            fields={conflictFieldsOf(LABELS, base.value, conflict.theirs.value, conflict.yours)}
            onTheirs={() => {
              take(conflict.theirs);
              setConflict(null);
              save.reset();
            }}
            onYours={() => {
              rebase(conflict.theirs);
              save.mutate({ body: conflict.yours, version: conflict.theirs.version });
            }}
            isBusy={save.isPending}
          />
        )}
        {conflict === null && isChangedElsewhere && !save.isPending && (
          <Callout role="status">
            <div className="flex flex-wrap items-center justify-between gap-3">
              These settings were changed elsewhere.
              <Button kind="secondary" size="small" onClick={() => take(current)}>
                Reload
              </Button>
            </div>
          </Callout>
        )}
        <Form
          key={round}
          label="General"
          onSend={({ name = '', billing_email: email = '' }) => {
            const body = { name: name.trim(), billing_email: email.trim() };
            save.mutate({ body, version: base.version });
          }}
          isBusy={save.isPending}
          fault={isOutdated(save.error) ? null : problemOrNull(save.error)}
        >
          <Field
            label={LABELS.name}
            name="name"
            autoComplete="off"
            defaultValue={base.value.name}
            readOnly={!mayChange}
            required
          />
          <Field
            label={LABELS.billing_email}
            name="billing_email"
            type="email"
            autoComplete="off"
            defaultValue={base.value.billing_email}
            readOnly={!mayChange}
            hint="Where invoices are sent. Optional."
          />
          {mayChange && (
            <div>
              <Button type="submit" kind="secondary" isBusy={save.isPending}>
                Save changes
              </Button>
            </div>
          )}
        </Form>
      </div>
    </Card>
  );
}
