import { BarePage } from './shell/bare-page.tsx';
import { TextLink } from './shell/text-link.tsx';
import { Button } from './ui/button.tsx';
import { Callout } from './ui/callout.tsx';

interface LinkConfirmProps {
  title: string;
  about: string;
  verb: string;
  onConfirm: () => void;
  isBusy: boolean;
  faultMessage: string | undefined;
}

/** The page behind a link in an email: one action to confirm. */
export function LinkConfirm(props: LinkConfirmProps) {
  const { title, about, verb, onConfirm, isBusy, faultMessage } = props;
  return (
    <BarePage title={title} about={about} foot={<TextLink to="/sign-in">Go to sign-in</TextLink>}>
      {faultMessage !== undefined && (
        <Callout kind="danger" role="alert">
          {faultMessage}
        </Callout>
      )}
      <Button isBusy={isBusy} onClick={onConfirm}>
        {verb}
      </Button>
    </BarePage>
  );
}
