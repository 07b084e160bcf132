import { unwrap } from '@dollarbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { LinkBroken } from '../components/link-broken.tsx';
import { BarePage } from '../components/shell/bare-page.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';

const route = getRouteApi('/open/reset-password');

export function ResetPasswordPage() {
  const { token } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: (values: { token: string; password: string }) =>
      unwrap(accountApi.POST('/password-reset/confirm/', { body: values })),
    async onSuccess() {
      queries.clear();
      await router.navigate({ to: '/sign-in', search: { reason: 'reset' } });
    },
  });
  if (token === undefined) return <LinkBroken />;
  return (
    <BarePage
      title="Set a new password"
      about="This ends every session of your account, including this one."
      foot={
        <>
          Has the link expired? <TextLink to="/forgot-password">Request a new one</TextLink>
        </>
      }
    >
      <Form
        label="Set a new password"
        onSend={({ password = '' }) => reset.mutate({ token, password })}
        isBusy={reset.isPending}
        fault={problemOrNull(reset.error)}
      >
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          hint="At least 12 characters. A short sentence is easy to remember."
        />
        <Button type="submit" isBusy={reset.isPending}>
          Set password
        </Button>
      </Form>
    </BarePage>
  );
}
