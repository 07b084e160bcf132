import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { accountApi } from '../../api/client.ts';
import { keys } from '../../api/queries.ts';
import { curlListLine } from '../../lib/curl-line.ts';
import { CreateDialog } from '../shell/create-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';
import { EXPIRIES, expiryOf } from './expiry.ts';

type NewToken = components['schemas']['NewToken'];

interface TokenCreateDialogProps {
  isOpen: boolean;
  onClose: () => void;
  orgs: Account['orgs'];
}

/** Creates a token and shows it once. */
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
  return (
    <CreateDialog
      isOpen={isOpen}
      onClose={onClose}
      create={create}
      title="New API token"
      about="Grant only the access that it needs. You can have up to 100 tokens."
      renderForm={(sending) => <TokenForm orgs={orgs} {...sending} />}
      shown={(made, onDone) => ({
        title: 'Your new token',
        about: 'Copy it now. You won’t be able to see it again.',
        body: <TokenShown made={made} onDone={onDone} />,
      })}
    />
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
        hint="For example, where you will use it."
      />
      <SelectField label="Scope" name="scope" defaultValue="read">
        <option value="read">Read: view only</option>
        <option value="write">Write: view and change</option>
      </SelectField>
      <SelectField label="Org" name="org" defaultValue={orgs.length === 1 ? orgs[0]?.slug : ''}>
        <option value="">All your orgs</option>
        {orgs.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name} ({slug})
          </option>
        ))}
      </SelectField>
      <SelectField label="Expires in" name="expiry" defaultValue="90">
        {EXPIRIES.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" isBusy={sending.isBusy}>
          Create token
        </Button>
      </div>
    </Form>
  );
}

function TokenShown({ made, onDone }: { made: NewToken; onDone: () => void }) {
  return (
    <div className="grid gap-5">
      <Callout kind="success" role="status">
        “{made.name}” is ready to use.
      </Callout>
      <CodeBlock what="Token" text={made.token} />
      <CodeBlock what="curl line" text={curlListLine(globalThis.location.origin, made.token)} />
      <div className="flex justify-end">
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}
