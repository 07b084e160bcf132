import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys, setupQuery } from '../../api/queries.ts';
import { CreateDialog } from '../shell/create-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';
import { LinkShown } from './invitation-list.tsx';

interface InviteDialogProps {
  org: Account['orgs'][number];
  isOpen: boolean;
  onClose: () => void;
}

/** Invites someone, and shows the link once. */
export function InviteDialog({ org, isOpen, onClose }: InviteDialogProps) {
  const queries = useQueryClient();
  const { data: setup } = useQuery(setupQuery);
  const invite = useMutation({
    mutationFn: ({ email = '', role }: Record<string, string>) =>
      unwrap(
        api.POST('/invitations/', {
          params: { query: { org: org.slug } },
          body: { email: email.trim(), role: role === 'admin' ? 'admin' : 'member' },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: keys.invitations(org.slug) }),
  });
  const sendsMail = setup?.mail !== 'outbox';
  return (
    <CreateDialog
      isOpen={isOpen}
      onClose={onClose}
      create={invite}
      title={`Invite to ${org.name}`}
      about={
        sendsMail
          ? 'We’ll email them a link to accept.'
          : 'You’ll get a link to give them: this installation doesn’t send email.'
      }
      renderForm={(sending) => <InviteForm {...sending} />}
      shown={(made, onDone) => ({
        title: 'Invitation created',
        about: sendsMail
          ? `We emailed a link to ${made.email}. If it doesn’t arrive, give them this one.`
          : `This installation doesn’t send email. Give this link to ${made.email}.`,
        body: (
          <div className="grid gap-5">
            {made.notice !== undefined && <Callout kind="warning">{made.notice}</Callout>}
            <LinkShown url={made.accept_url} onDone={onDone} />
          </div>
        ),
      })}
    />
  );
}

function InviteForm(sending: FormSending) {
  return (
    <Form label="Invite someone" {...sending}>
      <Field label="Email" name="email" type="email" autoComplete="off" required autoFocus />
      <SelectField label="Role" name="role" defaultValue="member">
        <option value="member">Member: containers and volumes</option>
        <option value="admin">Admin: members and settings too</option>
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" isBusy={sending.isBusy}>
          Create invitation
        </Button>
      </div>
    </Form>
  );
}
