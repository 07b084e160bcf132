import { unwrap } from '@dollarbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { MailSent } from '../components/mail-sent.tsx';
import { BarePage } from '../components/shell/bare-page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';

export function ForgotPasswordPage() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [isSentAgain, setIsSentAgain] = useState(false);
  const send = useMutation({
    mutationFn: async (email: string) => {
      await unwrap(accountApi.POST('/password-reset/', { body: { email } }));
      return email;
    },
    onSuccess(email) {
      setIsSentAgain(sentTo !== null);
      setSentTo(email);
    },
  });
  const fault = problemOrNull(send.error);
  if (sentTo !== null) {
    return (
      <MailSent
        email={sentTo}
        purpose="Open it to set a new password."
        onAgain={() => send.mutate(sentTo)}
        isBusy={send.isPending}
        isSentAgain={isSentAgain}
        faultMessage={fault?.message}
      />
    );
  }
  return (
    <BarePage
      title="Forgot your password?"
      about="Enter your email address, and we’ll send you a link to set a new password."
      foot={<TextLink to="/sign-in">Back to sign-in</TextLink>}
    >
      <Form
        label="Forgot your password"
        onSend={({ email = '' }) => send.mutate(email.trim())}
        isBusy={send.isPending}
        fault={fault}
      >
        <Field label="Email" name="email" type="email" autoComplete="username" required autoFocus />
        <Button type="submit" isBusy={send.isPending}>
          Send link
        </Button>
      </Form>
    </BarePage>
  );
}
