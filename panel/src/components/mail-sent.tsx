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

/** What follows a request for a link by email. It says the same whether or not there is an account. */
export function MailSent(props: MailSentProps) {
  const { email, purpose, onAgain, isBusy, isSentAgain, faultMessage } = props;
  const { data: setup } = useQuery(setupQuery);
  const isMailKept = setup?.mail === 'outbox';
  return (
    <BarePage
      title={isMailKept ? 'Get your link' : 'Check your email'}
      about={
        <>
          {isMailKept
            ? 'If the address is right, there is now a link for'
            : 'If the address is right, we sent a link to'}{' '}
          <strong className="font-semibold text-ink">{email}</strong>. {purpose}
        </>
      }
      foot={<TextLink to="/sign-in">Back to sign-in</TextLink>}
    >
      {isMailKept && (
        <Callout kind="warning">
          This installation doesn’t send email. Ask its operator for the link.
        </Callout>
      )}
      {faultMessage !== undefined && (
        <Callout kind="danger" role="alert">
          {faultMessage}
        </Callout>
      )}
      {isSentAgain && (
        <Callout role="status">{isMailKept ? 'A new link was created.' : 'Email sent.'}</Callout>
      )}
      <Button kind="secondary" isBusy={isBusy} onClick={onAgain}>
        {isMailKept ? 'Create a new link' : 'Resend email'}
      </Button>
    </BarePage>
  );
}
