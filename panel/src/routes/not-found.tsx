import { BarePage } from '../components/shell/bare-page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';

export function NotFoundPage() {
  return (
    <BarePage
      title="Nothing here"
      about="There is no page at this address. It may have moved, or the link may be cut short."
    >
      <p>
        <TextLink to="/">Go to your home page</TextLink>
      </p>
    </BarePage>
  );
}
