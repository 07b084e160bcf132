import { BarePage } from './shell/bare-page.tsx';
import { TextLink } from './shell/text-link.tsx';

/** Shown for a link from an email whose token is missing. */
export function LinkBroken() {
  return (
    <BarePage
      title="This link is incomplete"
      about="Some mail programs break long links. Copy the whole link from the email into the address bar."
      foot={<TextLink to="/sign-in">Go to sign-in</TextLink>}
    />
  );
}
