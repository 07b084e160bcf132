import { BarePage } from './shell/bare-page.tsx';
import { TextLink } from './shell/text-link.tsx';

/** A link from a mail that lacks its secret half. */
export function LinkBroken() {
  return (
    <BarePage
      title="The link is incomplete"
      about="Some mail programs cut long links in two. Copy all of it from the mail into the address bar."
      foot={<TextLink to="/sign-in">To the sign-in</TextLink>}
    />
  );
}
