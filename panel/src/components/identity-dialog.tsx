import { unwrap } from '@dollarbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { accountApi } from '../api/client.ts';
import { passkeyAsk, passkeysAreKnown } from '../api/passkey.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery, keys, setupQuery } from '../api/queries.ts';
import { Button } from './ui/button.tsx';
import { Dialog } from './ui/dialog.tsx';
import { Field } from './ui/field.tsx';
import { Form } from './ui/form.tsx';

interface IdentityDialogProps {
  isOpen: boolean;
  /** Called with whether the person confirmed their identity. */
  onEnd: (isProven: boolean) => void;
}

/** Asks for the password or a passkey again before a sensitive action. */
export function IdentityDialog({ isOpen, onEnd }: IdentityDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={() => onEnd(false)}
      title="Confirm your identity"
      about="Confirm your identity to change security settings. You won’t be asked again for five minutes."
    >
      <IdentityForm onProven={() => onEnd(true)} />
    </Dialog>
  );
}

function IdentityForm({ onProven }: { onProven: () => void }) {
  const queries = useQueryClient();
  const { data: account } = useQuery(accountQuery);
  const { data: setup } = useQuery(setupQuery);
  const onSuccess = () => {
    void queries.invalidateQueries({ queryKey: keys.account });
    onProven();
  };
  const byPassword = useMutation({
    mutationFn: ({ password = '', code }: Record<string, string>) =>
      unwrap(
        accountApi.POST('/reauthentication/', {
          body: { password, ...(code === undefined ? {} : { code: code.trim() }) },
        }),
      ),
    onSuccess,
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = await unwrap(accountApi.POST('/reauthentication/passkey-options/'));
      const credential = await passkeyAsk(options);
      return unwrap(accountApi.POST('/reauthentication/', { body: { credential } }));
    },
    onSuccess,
  });
  const hasCode = account?.two_factor_enabled === true;
  return (
    <Form
      onSend={(values) => {
        byPasskey.reset();
        byPassword.mutate(values);
      }}
      isBusy={byPassword.isPending}
      fault={problemOrNull(byPassword.error ?? byPasskey.error)}
    >
      <input type="hidden" autoComplete="username" value={account?.email ?? ''} readOnly />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      {hasCode && (
        <Field
          label="Code"
          name="code"
          autoComplete="one-time-code"
          className="font-mono"
          spellCheck={false}
          required
          hint="Enter a code from your authenticator app, or a backup code."
        />
      )}
      <div className="flex flex-wrap justify-between gap-2">
        {setup?.passkeys === true && passkeysAreKnown() ? (
          <Button
            kind="secondary"
            isBusy={byPasskey.isPending}
            onClick={() => {
              byPassword.reset();
              byPasskey.mutate();
            }}
          >
            <KeyRound className="size-4" aria-hidden="true" />
            Use a passkey
          </Button>
        ) : (
          <span />
        )}
        <Button type="submit" isBusy={byPassword.isPending}>
          Confirm
        </Button>
      </div>
    </Form>
  );
}
