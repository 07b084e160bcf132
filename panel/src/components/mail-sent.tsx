import { useQuery } from '@tanstack/react-query';
import { setupQuery } from '../api/queries.ts';
import { BarePage } from './shell/bare-page.tsx';
import { TextLink } from './shell/text-link.tsx';
import { Button } from './ui/button.tsx';
import { Callout } from './ui/callout.tsx';

interface MailSentProps {
  email: string;
  /** What opening the link does. */
  purpose: string;
  onAgain: () => void;
  isBusy: boolean;
  isSentAgain: boolean;
  faultMessage: string | undefined;
}

/** Tells to look for a mail. Says the same whether or not there is an account. */
export function MailSent(props: MailSentProps) {
  const { email, purpose, onAgain, isBusy, isSentAgain, faultMessage } = props;
  const { data: setup } = useQuery(setupQuery);
  return (
    <BarePage
      title="Look into your mail"
      about={
        <>
          If all is well, a link is on its way to{' '}
          <strong className="font-semibold text-ink">{email}</strong>. {purpose}
        </>
      }
      foot={<TextLink to="/sign-in">Back to the sign-in</TextLink>}
    >
      {setup?.mail === 'outbox' && (
        <Callout kind="warning">
          This installation sends no mail by itself: its operator has the link, and can pass it on
          to you.
        </Callout>
      )}
      {faultMessage !== undefined && (
        <Callout kind="danger" role="alert">
          {faultMessage}
        </Callout>
      )}
      {isSentAgain && <Callout role="status">Sent again.</Callout>}
      <Button kind="secondary" isBusy={isBusy} onClick={onAgain}>
        Send it again
      </Button>
    </BarePage>
  );
}
