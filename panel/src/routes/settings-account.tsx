import { useSuspenseQuery } from '@tanstack/react-query';
import { accountQuery } from '../api/queries.ts';
import { DeleteCard } from '../components/account/delete-card.tsx';
import { EmailCard } from '../components/account/email-card.tsx';
import { NameCard } from '../components/account/name-card.tsx';
import { Page } from '../components/shell/page.tsx';

export function AccountPage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  if (account === null) return null;
  return (
    <Page title="Account" about="Your name and email address." width="form">
      <NameCard account={account} />
      <EmailCard account={account} />
      <DeleteCard />
    </Page>
  );
}
