import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { passkeyMake, passkeysAreKnown } from '../../api/passkey.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys, passkeysQuery, setupQuery } from '../../api/queries.ts';
import { browserName } from '../../lib/browser-name.ts';
import { Moment } from '../shell/moment.tsx';
import { QueryView } from '../shell/query-view.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';
import { type Column, Table } from '../ui/table.tsx';

type Passkey = components['schemas']['Passkey'];

export function PasskeysCard() {
  const passkeys = useQuery(passkeysQuery);
  const { data: setup } = useQuery(setupQuery);
  const [isAdding, setIsAdding] = useState(false);
  const canAdd = setup?.passkeys === true && passkeysAreKnown();
  return (
    <Card
      title="Passkeys"
      isFlush
      about={
        setup?.passkeys === false
          ? 'Passkeys need a host name. Open the panel by its host name instead of its IP address.'
          : 'Sign in with your fingerprint, face or security key. A passkey counts as both factors.'
      }
      aside={
        canAdd && (
          <Button kind="secondary" size="small" onClick={() => setIsAdding(true)}>
            Add a passkey
          </Button>
        )
      }
    >
      <QueryView query={passkeys} what="your passkeys" rows={1}>
        {(list) =>
          list.length === 0 ? (
            <p className="px-5 py-4 text-sm text-soft sm:px-6">No passkeys yet.</p>
          ) : (
            <PasskeyList passkeys={list} />
          )
        }
      </QueryView>
      <Dialog
        isOpen={isAdding}
        onClose={() => setIsAdding(false)}
        title="Add a passkey"
        about="Name it after the device, then follow your browser’s instructions."
      >
        <PasskeyForm onMade={() => setIsAdding(false)} />
      </Dialog>
    </Card>
  );
}

function PasskeyForm({ onMade }: { onMade: () => void }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const create = useMutation({
    mutationFn: async ({ name = '' }: Record<string, string>) => {
      const options = await unwrap(accountApi.POST('/passkeys/options/'));
      const credential = await passkeyMake(options);
      return unwrap(accountApi.POST('/passkeys/', { body: { name: name.trim(), credential } }));
    },
    async onSuccess(made) {
      await queries.invalidateQueries({ queryKey: keys.passkeys });
      onMade();
      notify(`Passkey “${made.name}” added.`);
    },
  });
  return (
    <Form
      label="Add a passkey"
      onSend={(values) => create.mutate(values)}
      isBusy={create.isPending}
      fault={problemOrNull(create.error)}
    >
      <Field
        label="Name"
        name="name"
        autoComplete="off"
        defaultValue={browserName(navigator.userAgent)}
        required
        autoFocus
      />
      <div className="flex justify-end">
        <Button type="submit" isBusy={create.isPending}>
          Continue
        </Button>
      </div>
    </Form>
  );
}

function PasskeyList({ passkeys }: { passkeys: readonly Passkey[] }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [doomed, setDoomed] = useState<Passkey | null>(null);
  const remove = useMutation({
    mutationFn: ({ id }: Passkey) =>
      unwrap(accountApi.DELETE('/passkeys/{id}/', { params: { path: { id } } })),
    async onSuccess(_, { name }) {
      await queries.invalidateQueries({ queryKey: keys.passkeys });
      setDoomed(null);
      notify(`Passkey “${name}” removed.`);
    },
  });
  return (
    <>
      <Table
        label="Passkeys"
        rows={passkeys}
        rowKey={({ id }) => id}
        columns={columnsOf((passkey) => {
          remove.reset();
          setDoomed(passkey);
        })}
      />
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && remove.mutate(doomed)}
        title="Remove this passkey?"
        verb="Remove"
        isBusy={remove.isPending}
        faultMessage={problemOrNull(remove.error)?.message}
      >
        You will no longer be able to sign in with “{doomed?.name}”. Your device may still offer it,
        so delete it there too.
      </ConfirmDialog>
    </>
  );
}

function columnsOf(onRemove: (passkey: Passkey) => void): Column<Passkey>[] {
  return [
    {
      key: 'name',
      head: 'Name',
      cell: ({ name }) => <span className="font-medium wrap-anywhere">{name}</span>,
      onPhone: 'main',
    },
    {
      key: 'added',
      head: 'Added',
      cell: ({ created_at: at }) => <Moment at={at} />,
      onPhone: 'quiet',
    },
    {
      key: 'used',
      head: 'Last used',
      cell: ({ last_used_at: at }) =>
        at === null ? <span className="text-faint">never used</span> : <Moment at={at} />,
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      cell: (passkey) => (
        <Button
          kind="secondary"
          size="small"
          aria-label={`Remove ${passkey.name}`}
          onClick={() => onRemove(passkey)}
        >
          Remove
        </Button>
      ),
      className: 'max-sm:ml-auto',
    },
  ];
}
