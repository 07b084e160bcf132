import { useQuery } from '@tanstack/react-query';
import { accountQuery } from '../api/queries.ts';
import { BarePage } from '../components/shell/bare-page.tsx';
import { Page } from '../components/shell/page.tsx';
import { Shell } from '../components/shell/shell.tsx';
import { TextLink } from '../components/shell/text-link.tsx';

const TITLE = 'Page not found';
const ABOUT = 'There is no page at this address. The link may be wrong or incomplete.';

/** Inside the frame of the panel for people who are signed in. */
export function NotFoundPage() {
  const { data: account } = useQuery(accountQuery);
  const homeLine = (
    <p>
      <TextLink to="/">Go to the home page</TextLink>
    </p>
  );
  if (account === null) {
    return (
      <BarePage title={TITLE} about={ABOUT}>
        {homeLine}
      </BarePage>
    );
  }
  return (
    <Shell>
      <Page title={TITLE} about={ABOUT}>
        {homeLine}
      </Page>
    </Shell>
  );
}
