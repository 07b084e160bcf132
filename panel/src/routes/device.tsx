import { DollarboxError, unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { accountApi } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery } from '../api/queries.ts';
import { Moment } from '../components/shell/moment.tsx';
import { Page } from '../components/shell/page.tsx';
import { ClientLoginForm, Fact, type Granted } from '../components/tokens/client-login-form.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Card } from '../components/ui/card.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form, type FormFault } from '../components/ui/form.tsx';

type ClientLogin = components['schemas']['ClientLoginShown'];

const route = getRouteApi('/member/device');

/** Grants a token to a program on a machine without a browser, found by the code that it shows. */
export function DevicePage() {
  const { code = '' } = route.useSearch();
  const [entered, setEntered] = useState<string | null>(null);
  const find = useMutation({
    mutationFn: (userCode: string) =>
      unwrap(accountApi.POST('/client-logins/find/', { body: { user_code: userCode } })),
    onMutate: setEntered,
  });
  return (
    <Page
      title="Sign in a program"
      about="It will be able to use the API as you. Go on only if you have just started its sign-in yourself, and it shows this code."
    >
      {find.data === undefined || entered === null ? (
        <CodeCard
          code={code}
          onSend={find.mutate}
          isBusy={find.isPending}
          fault={codeFault(find.error)}
        />
      ) : (
        <LoginCard code={entered} login={find.data} />
      )}
    </Page>
  );
}

interface CodeCardProps {
  code: string;
  onSend: (code: string) => void;
  isBusy: boolean;
  fault: FormFault | null;
}

function CodeCard({ code, onSend, isBusy, fault }: CodeCardProps) {
  return (
    <Card title="Enter the code">
      <Form
        label="Find the program"
        onSend={({ user_code: typed = '' }) => onSend(typed.trim())}
        isBusy={isBusy}
        fault={fault}
      >
        <Field
          label="Code"
          name="user_code"
          defaultValue={code}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          className="font-mono uppercase"
          placeholder="BCDF-GHJK-LMNP"
          required
          autoFocus
          hint="The program shows it. It is good for ten minutes."
        />
        <div className="flex justify-end">
          <Button type="submit" isBusy={isBusy}>
            Continue
          </Button>
        </div>
      </Form>
    </Card>
  );
}

/** A code that finds nothing is the field's fault. */
function codeFault(error: Error | null): FormFault | null {
  if (!isMissing(error)) return problemOrNull(error);
  const message = 'No program waits for this code. Check it, or run the sign-in again.';
  return { message, fields: { user_code: message } };
}

function LoginCard({ code, login }: { code: string; login: ClientLogin }) {
  const { data: account } = useSuspenseQuery(accountQuery);
  const approve = useMutation({
    mutationFn: (granted: Granted) =>
      unwrap(accountApi.POST('/client-logins/approve/', { body: { user_code: code, ...granted } })),
  });
  const refuse = useMutation({
    mutationFn: () =>
      unwrap(accountApi.POST('/client-logins/refuse/', { body: { user_code: code } })),
  });
  if (approve.isSuccess) {
    return (
      <Callout kind="success" role="status">
        Allowed. {login.client} goes on by itself; you can close this page.
      </Callout>
    );
  }
  if (refuse.isSuccess) {
    return (
      <Callout kind="info" role="status">
        Refused. {login.client} gets no access.
      </Callout>
    );
  }
  if (account === null) return null;
  return (
    <Card title="Rights">
      <ClientLoginForm
        asked={login}
        address={<span className="font-mono">{login.ip_address}</span>}
        account={account}
        onApprove={approve.mutate}
        isBusy={approve.isPending}
        fault={overFault(approve.error ?? refuse.error)}
        onRefuse={() => refuse.mutate()}
        isRefusing={refuse.isPending}
      >
        <Fact name="Asked">
          <Moment at={login.created_at} />
        </Fact>
      </ClientLoginForm>
    </Card>
  );
}

function overFault(error: Error | null): FormFault | null {
  if (!isMissing(error)) return problemOrNull(error);
  return { message: 'This sign-in is over. Run it again in the program.', fields: {} };
}

function isMissing(error: Error | null): boolean {
  return error instanceof DollarboxError && error.status === 404;
}
