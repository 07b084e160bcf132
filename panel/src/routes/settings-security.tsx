import { useSuspenseQuery } from '@tanstack/react-query';
import { accountQuery } from '../api/queries.ts';
import { PasskeysCard } from '../components/security/passkeys-card.tsx';
import { PasswordCard } from '../components/security/password-card.tsx';
import { SessionsCard } from '../components/security/sessions-card.tsx';
import { TwoFactorCard } from '../components/security/two-factor-card.tsx';
import { Page } from '../components/shell/page.tsx';

export function SecurityPage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  if (account === null) return null;
  return (
    <Page title="Security" about="How you sign in, and where you are signed in." width="form">
      <TwoFactorCard account={account} />
      <PasskeysCard />
      <PasswordCard account={account} />
      <SessionsCard />
    </Page>
  );
}
