import { unwrap } from '@dollarbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { passkeyAsk, passkeysAreKnown } from '../api/passkey.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery, setupQuery } from '../api/queries.ts';
import { BarePage } from '../components/shell/bare-page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';
import { returnPathOf } from '../lib/return-path.ts';

const route = getRouteApi('/open/sign-in');

const REASONS: Record<string, string> = {
  ended: 'Your session has ended. Sign in to continue.',
  reset:
    'Your password has been changed and all sessions have ended. Sign in with your new password.',
  deleted: 'Your account has been deleted.',
};

/** What happens once the person has signed in: they return to the page that asked for it. */
function useEntry() {
  const queries = useQueryClient();
  const router = useRouter();
  const { next: wanted } = route.useSearch();
  return async () => {
    queries.clear();
    await queries.fetchQuery(accountQuery);
    const path = returnPathOf(wanted, globalThis.location.origin);
    // The API reference is served by the server, not by the panel.
    if (path.startsWith('/api/')) globalThis.location.assign(path);
    else router.history.push(path);
  };
}

export function SignInPage() {
  const [needsCode, setNeedsCode] = useState(false);
  if (needsCode) return <CodePage onBack={() => setNeedsCode(false)} />;
  return <PasswordPage onCodeNeeded={() => setNeedsCode(true)} />;
}

function PasswordPage({ onCodeNeeded }: { onCodeNeeded: () => void }) {
  const { reason = '' } = route.useSearch();
  const enter = useEntry();
  const { data: setup } = useQuery(setupQuery);
  const byPassword = useMutation({
    mutationFn: ({ email = '', password = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/sign-in/', { body: { email: email.trim(), password } })),
    onSuccess: (result) => (result.two_factor_required ? onCodeNeeded() : enter()),
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = await unwrap(accountApi.POST('/sign-in/passkey-options/'));
      const credential = await passkeyAsk(options);
      return unwrap(accountApi.POST('/sign-in/passkey/', { body: { credential } }));
    },
    onSuccess: enter,
  });
  const note = REASONS[reason];
  return (
    <BarePage title="Sign in" foot={<SignUpLine signup={setup?.signup} />}>
      {note !== undefined && <Callout role="status">{note}</Callout>}
      <Form
        label="Sign in"
        onSend={(values) => {
          byPasskey.reset();
          byPassword.mutate(values);
        }}
        isBusy={byPassword.isPending}
        fault={problemOrNull(byPassword.error ?? byPasskey.error)}
      >
        <Field label="Email" name="email" type="email" autoComplete="username" required autoFocus />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          aside={<TextLink to="/forgot-password">Forgot password?</TextLink>}
        />
        <Button type="submit" isBusy={byPassword.isPending}>
          Sign in
        </Button>
      </Form>
      {setup?.passkeys === true && passkeysAreKnown() && (
        <>
          <div className="flex items-center gap-3 text-xs text-faint">
            <span className="h-px flex-1 bg-line" />
            or
            <span className="h-px flex-1 bg-line" />
          </div>
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
        </>
      )}
    </BarePage>
  );
}

function SignUpLine({ signup }: { signup: 'open' | 'invite' | 'closed' | undefined }) {
  if (signup === 'invite') return 'Sign-up is by invitation.';
  if (signup !== 'open') return null;
  return (
    <>
      New here? <TextLink to="/sign-up">Create an account</TextLink>
    </>
  );
}

function CodePage({ onBack }: { onBack: () => void }) {
  const enter = useEntry();
  const [isBackup, setIsBackup] = useState(false);
  const send = useMutation({
    mutationFn: ({ code = '' }: Record<string, string>) =>
      unwrap(accountApi.POST('/sign-in/two-factor/', { body: { code: code.trim() } })),
    onSuccess: enter,
  });
  return (
    <BarePage
      title="Two-factor authentication"
      about={
        isBackup
          ? 'Enter one of your backup codes. Each can be used once.'
          : 'Enter the six-digit code from your authenticator app.'
      }
      foot={
        <Button kind="quiet" size="small" onClick={onBack}>
          Back to password
        </Button>
      }
    >
      <Form
        key={isBackup ? 'backup' : 'app'}
        label="Second factor"
        onSend={(values) => send.mutate(values)}
        isBusy={send.isPending}
        fault={problemOrNull(send.error)}
      >
        <Field
          label={isBackup ? 'Backup code' : 'Code'}
          name="code"
          autoComplete={isBackup ? 'off' : 'one-time-code'}
          inputMode={isBackup ? 'text' : 'numeric'}
          autoCapitalize="none"
          spellCheck={false}
          className="font-mono tracking-widest"
          required
          autoFocus
        />
        <Button type="submit" isBusy={send.isPending}>
          Continue
        </Button>
      </Form>
      <Button
        kind="quiet"
        size="small"
        onClick={() => {
          send.reset();
          setIsBackup(!isBackup);
        }}
      >
        {isBackup ? 'Use your authenticator app instead' : 'Use a backup code instead'}
      </Button>
    </BarePage>
  );
}
