import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys, setupQuery } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
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
  const made = invite.data;
  function close() {
    onClose();
    invite.reset();
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      isHeld={invite.isPending || made !== undefined}
      title={made === undefined ? `Invite to ${org.name}` : 'Invitation created'}
      about={
        made === undefined
          ? setup?.mail === 'outbox'
            ? 'You’ll get a link to give them: this installation doesn’t send email.'
            : 'We’ll email them a link to accept.'
          : setup?.mail === 'outbox'
            ? `This installation doesn’t send email. Give this link to ${made.email}.`
            : `We emailed a link to ${made.email}. If it doesn’t arrive, give them this one.`
      }
    >
      {made === undefined ? (
        <Form
          label="Invite someone"
          onSend={(values) => invite.mutate(values)}
          isBusy={invite.isPending}
          fault={problemOrNull(invite.error)}
        >
          <Field label="Email" name="email" type="email" autoComplete="off" required autoFocus />
          <SelectField label="Role" name="role" defaultValue="member">
            <option value="member">Member: containers and volumes</option>
            <option value="admin">Admin: members and settings too</option>
          </SelectField>
          <div className="flex justify-end">
            <Button type="submit" isBusy={invite.isPending}>
              Create invitation
            </Button>
          </div>
        </Form>
      ) : (
        <div className="grid gap-5">
          {made.notice !== undefined && <Callout kind="warning">{made.notice}</Callout>}
          <LinkShown url={made.accept_url} onDone={close} />
        </div>
      )}
    </Dialog>
  );
}
