import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';
import { BackupCodes } from './backup-codes.tsx';

type Secret = components['schemas']['TwoFactorSecret'];

const TITLES = {
  password: ['Turn on two-factor authentication', 'Enter your password to continue.'],
  app: [
    'Connect your app',
    'Scan the QR code with your authenticator app, then enter the code that it shows.',
  ],
  codes: [
    'Your backup codes',
    'Two-factor authentication is on. Use a backup code to sign in if you lose your app.',
  ],
} as const;

interface TwoFactorDialogProps {
  isOpen: boolean;
  email: string;
  onClose: () => void;
}

/** The steps: password, authenticator app, backup codes. */
export function TwoFactorDialog({ isOpen, email, onClose }: TwoFactorDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const begin = useMutation({
    mutationFn: ({ password = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/two-factor/', { body: { password } })),
  });
  const confirm = useMutation({
    mutationFn: ({ code = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/two-factor/confirm/', { body: { code: code.trim() } })),
    onSuccess() {
      void queries.invalidateQueries({ queryKey: keys.account });
      void queries.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  const secret = begin.data;
  const codes = confirm.data?.backup_codes;
  const step = codes !== undefined ? 'codes' : secret !== undefined ? 'app' : 'password';
  const [title, about] = TITLES[step];
  function close() {
    // Not earlier: the notice would cover the codes.
    if (codes !== undefined) notify('Two-factor authentication is on. All other sessions ended.');
    onClose();
    begin.reset();
    confirm.reset();
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      isHeld={begin.isPending || confirm.isPending || step === 'codes'}
      title={title}
      about={about}
    >
      {step === 'password' && (
        <PasswordStep
          email={email}
          onSend={begin.mutate}
          isBusy={begin.isPending}
          fault={problemOrNull(begin.error)}
        />
      )}
      {step === 'app' && secret !== undefined && (
        <AppStep
          secret={secret}
          onSend={confirm.mutate}
          isBusy={confirm.isPending}
          fault={problemOrNull(confirm.error)}
        />
      )}
      {step === 'codes' && codes !== undefined && <BackupCodes codes={codes} onDone={close} />}
    </Dialog>
  );
}

function PasswordStep({ email, ...sending }: FormSending & { email: string }) {
  return (
    <Form label="Your password" {...sending}>
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      <div className="flex justify-end">
        <Button type="submit" isBusy={sending.isBusy}>
          Continue
        </Button>
      </div>
    </Form>
  );
}

function AppStep({ secret, ...sending }: FormSending & { secret: Secret }) {
  return (
    <div className="grid gap-5">
      <div className="grid justify-items-center gap-4 sm:grid-cols-[11rem_minmax(0,1fr)] sm:items-center">
        <img
          alt="QR code for the authenticator app"
          src={`data:image/svg+xml;utf8,${encodeURIComponent(secret.qr_svg)}`}
          // Always dark on light, so that cameras can read it.
          className="size-44 rounded-lg bg-white p-2"
        />
        <div className="grid w-full gap-2 text-sm">
          <p className="text-soft">No camera? Type this into the app:</p>
          <p className="font-mono wrap-anywhere" aria-label="Secret for the app">
            {secret.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}
          </p>
          <div>
            <CopyButton text={secret.secret} what="secret" />
          </div>
        </div>
      </div>
      <Form label="Code from the app" {...sending}>
        <Field
          label="Code"
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          className="font-mono tracking-widest"
          required
          autoFocus
        />
        <div className="flex justify-end">
          <Button type="submit" isBusy={sending.isBusy}>
            Turn on
          </Button>
        </div>
      </Form>
    </div>
  );
}
