import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';
import { BackupCodes } from './backup-codes.tsx';

type Secret = components['schemas']['TwoFactorSecret'];

const TITLES = {
  password: ['Turn two-factor on', 'First your password, so that nobody else does this.'],
  app: [
    'Connect your app',
    'Scan this with an authenticator app, then type the code that it shows.',
  ],
  codes: ['Your backup codes', 'Two-factor is on. These let you in when you have lost the app.'],
} as const;

interface TwoFactorDialogProps {
  isOpen: boolean;
  email: string;
  onClose: () => void;
}

/** Leads from the password over the app to the backup codes. */
export function TwoFactorDialog({ isOpen, email, onClose }: TwoFactorDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const step = codes !== null ? 'codes' : secret !== null ? 'app' : 'password';
  const [title, about] = TITLES[step];
  function close() {
    // Only now, so that what is said is not said over the codes.
    if (codes !== null) {
      notify('Two-factor is on, and all other sessions have ended.');
      void queries.invalidateQueries({ queryKey: keys.account });
      void queries.invalidateQueries({ queryKey: keys.sessions });
    }
    onClose();
    setSecret(null);
    setCodes(null);
  }
  return (
    <Dialog isOpen={isOpen} onClose={close} title={title} about={about}>
      {step === 'password' && <PasswordStep email={email} onSecret={setSecret} />}
      {step === 'app' && secret !== null && <AppStep secret={secret} onCodes={setCodes} />}
      {step === 'codes' && codes !== null && <BackupCodes codes={codes} onDone={close} />}
    </Dialog>
  );
}

function PasswordStep({ email, onSecret }: { email: string; onSecret: (secret: Secret) => void }) {
  const begin = useMutation({
    mutationFn: ({ password = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/two-factor/', { body: { password } })),
    onSuccess: onSecret,
  });
  return (
    <Form
      label="Your password"
      onSend={(values) => begin.mutate(values)}
      isBusy={begin.isPending}
      fault={problemOrNull(begin.error)}
    >
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
        <Button type="submit" isBusy={begin.isPending}>
          Go on
        </Button>
      </div>
    </Form>
  );
}

interface AppStepProps {
  secret: Secret;
  onCodes: (codes: readonly string[]) => void;
}

function AppStep({ secret, onCodes }: AppStepProps) {
  const confirm = useMutation({
    mutationFn: ({ code = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/two-factor/confirm/', { body: { code: code.trim() } })),
    onSuccess: (made) => onCodes(made.backup_codes),
  });
  return (
    <div className="grid gap-5">
      <div className="grid justify-items-center gap-4 sm:grid-cols-[11rem_minmax(0,1fr)] sm:items-center">
        <img
          alt="QR code for the authenticator app"
          src={`data:image/svg+xml;utf8,${encodeURIComponent(secret.qr_svg)}`}
          // Dark on light, or cameras don't read it.
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
      <Form
        label="Code of the app"
        onSend={(values) => confirm.mutate(values)}
        isBusy={confirm.isPending}
        fault={problemOrNull(confirm.error)}
      >
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
          <Button type="submit" isBusy={confirm.isPending}>
            Turn on
          </Button>
        </div>
      </Form>
    </div>
  );
}
