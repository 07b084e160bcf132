import type { Account } from '@dollarbox/client/account';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { SelectField } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';
import { EXPIRIES, expiryOf } from './expiry.ts';

/** What a person grants a program. */
export interface Granted {
  scope: 'read' | 'write';
  org?: string;
  expires_at: string | null;
}

interface ClientLoginFormProps extends Pick<FormSending, 'fault' | 'isBusy'> {
  asked: { client: string; scope: 'read' | 'write'; org: string | null };
  /** Where the program is, as the page knows it. */
  address: ReactNode;
  /** What else there is to know about it. */
  children?: ReactNode;
  account: Account;
  onApprove: (granted: Granted) => void;
  onRefuse: () => void;
  isRefusing: boolean;
}

/** Who asks for a token, and with which rights it would get one. */
export function ClientLoginForm(props: ClientLoginFormProps) {
  const { asked, address, account, children, onApprove, onRefuse, isRefusing } = props;
  const isIn = account.orgs.some(({ slug }) => slug === asked.org);
  return (
    <div className="grid gap-6">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        <Fact name="Program">{asked.client}</Fact>
        <Fact name="Address">{address}</Fact>
        <Fact name="As">{account.email}</Fact>
        {children}
      </dl>
      <Form
        label="Rights of the program"
        fault={props.fault}
        isBusy={props.isBusy}
        onSend={({ scope, org = '', expiry }) =>
          onApprove({
            scope: scope === 'read' ? 'read' : 'write',
            ...(org === '' ? {} : { org }),
            expires_at: expiryOf(expiry, new Date()),
          })
        }
      >
        <SelectField label="Org" name="org" defaultValue={isIn ? (asked.org ?? '') : ''}>
          <option value="">All your orgs</option>
          {account.orgs.map(({ slug, name }) => (
            <option key={slug} value={slug}>
              {name} ({slug})
            </option>
          ))}
        </SelectField>
        <SelectField label="Scope" name="scope" defaultValue={asked.scope}>
          <option value="read">Read: view only</option>
          <option value="write">Write: view and change</option>
        </SelectField>
        <SelectField label="Expires in" name="expiry" defaultValue="90">
          {EXPIRIES.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <div className="flex justify-end gap-3">
          <Button kind="secondary" isBusy={isRefusing} onClick={onRefuse}>
            Refuse
          </Button>
          <Button type="submit" isBusy={props.isBusy}>
            Allow
          </Button>
        </div>
      </Form>
    </div>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="font-medium wrap-anywhere">{children}</dd>
    </>
  );
}
