import { BarePage } from '../components/shell/bare-page.tsx';
import { Page } from '../components/shell/page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';

export function NotFoundPage() {
  return (
    <BarePage
      title="Nothing here"
      about="There is no page at this address. It may have moved, or the link may be cut short."
    >
      <HomeLine />
    </BarePage>
  );
}

/** An org that is not there, or not for who looks: which of both is not told. */
export function OrgNotFoundPage() {
  return (
    <Page
      title="Nothing here"
      about="You are in no org at this address. You may have left it, or the link may be wrong."
    >
      <HomeLine />
    </Page>
  );
}

function HomeLine() {
  return (
    <p>
      <TextLink to="/">Go to your home page</TextLink>
    </p>
  );
}
