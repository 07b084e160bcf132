import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { curlListLine } from '../../lib/curl-line.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';
import { EXPIRIES, expiryOf } from './expiry.ts';

type NewToken = components['schemas']['NewToken'];

interface TokenCreateDialogProps {
  isOpen: boolean;
  onClose: () => void;
  orgs: Account['orgs'];
}

/** Makes a token, and shows it this once. */
export function TokenCreateDialog({ isOpen, onClose, orgs }: TokenCreateDialogProps) {
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: ({ name = '', scope, org, expiry }: Record<string, string>) =>
      unwrap(
        accountApi.POST('/tokens/', {
          body: {
            name: name.trim(),
            scope: scope === 'write' ? 'write' : 'read',
            ...(org === undefined || org === '' ? {} : { org }),
            expires_at: expiryOf(expiry, new Date()),
          },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: keys.tokens }),
  });
  const made = create.data;
  function close() {
    onClose();
    create.reset();
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      isHeld={create.isPending || made !== undefined}
      title={made === undefined ? 'New API token' : 'Your new token'}
      about={
        made === undefined
          ? 'Give it no more than it needs: you can have up to 100 of them.'
          : 'Copy it now: it is shown only this once.'
      }
    >
      {made === undefined ? (
        <TokenForm
          orgs={orgs}
          onSend={create.mutate}
          isBusy={create.isPending}
          fault={problemOrNull(create.error)}
        />
      ) : (
        <TokenShown made={made} onDone={close} />
      )}
    </Dialog>
  );
}

function TokenForm({ orgs, ...sending }: FormSending & { orgs: Account['orgs'] }) {
  return (
    <Form label="New API token" {...sending}>
      <Field
        label="Name"
        name="name"
        autoComplete="off"
        placeholder="deploy"
        required
        autoFocus
        hint="What it is for."
      />
      <SelectField label="Scope" name="scope" defaultValue="read">
        <option value="read">Read: look at things</option>
        <option value="write">Write: look and change</option>
      </SelectField>
      <SelectField label="Org" name="org" defaultValue={orgs.length === 1 ? orgs[0]?.slug : ''}>
        <option value="">All of your orgs</option>
        {orgs.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name} ({slug})
          </option>
        ))}
      </SelectField>
      <SelectField label="Expires after" name="expiry" defaultValue="90">
        {EXPIRIES.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" isBusy={sending.isBusy}>
          Make the token
        </Button>
      </div>
    </Form>
  );
}

function TokenShown({ made, onDone }: { made: NewToken; onDone: () => void }) {
  return (
    <div className="grid gap-5">
      <Callout kind="success" role="status">
        “{made.name}” is made, and good from now on.
      </Callout>
      <CodeBlock what="Token" text={made.token} />
      <CodeBlock what="curl line" text={curlListLine(globalThis.location.origin, made.token)} />
      <div className="flex justify-end">
        <Button onClick={onDone}>I have copied it</Button>
      </div>
    </div>
  );
}
