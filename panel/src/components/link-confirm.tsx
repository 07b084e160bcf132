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

/** What a link from a mail leads to: one thing to agree to. */
export function LinkConfirm(props: LinkConfirmProps) {
  const { title, about, verb, onConfirm, isBusy, faultMessage } = props;
  return (
    <BarePage title={title} about={about} foot={<TextLink to="/sign-in">To the sign-in</TextLink>}>
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
