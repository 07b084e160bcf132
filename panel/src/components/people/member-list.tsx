import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { accountQuery, keys } from '../../api/queries.ts';
import { Moment } from '../shell/moment.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { mayChange, mayRemove, rolesToGive } from './member-rights.ts';

type Member = components['schemas']['Member'];

interface MemberListProps {
  members: readonly Member[];
  org: Account['orgs'][number];
  account: Account;
}

export function MemberList({ members, org, account }: MemberListProps) {
  const [changing, setChanging] = useState<Member | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const columns = columnsOf({ org, account, onChange: setChanging, onLeave: setLeaving });
  return (
    <>
      <Table label="Members" columns={columns} rows={members} rowKey={({ id }) => id} />
      <RoleDialog member={changing} org={org} onClose={() => setChanging(null)} />
      <RemoveDialog member={leaving} org={org} account={account} onClose={() => setLeaving(null)} />
    </>
  );
}

interface RowContext {
  org: MemberListProps['org'];
  account: Account;
  onChange: (member: Member) => void;
  onLeave: (member: Member) => void;
}

function columnsOf(context: RowContext): Column<Member>[] {
  return [
    {
      key: 'person',
      head: 'Person',
      onPhone: 'main',
      className: 'wrap-anywhere',
      cell: (member) => <Person member={member} account={context.account} />,
    },
    {
      key: 'role',
      head: 'Role',
      cell: ({ role }) => <Badge kind={role === 'member' ? 'plain' : 'brand'}>{role}</Badge>,
    },
    {
      key: 'joined',
      head: 'Joined',
      onPhone: 'quiet',
      className: 'text-soft',
      cell: ({ joined_at: at }) => <Moment at={at} />,
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      className: 'max-sm:ml-auto',
      cell: (member) => <Actions member={member} {...context} />,
    },
  ];
}

function isSame(member: Member, account: Account): boolean {
  return member.email.toLowerCase() === account.email.toLowerCase();
}

function Person({ member, account }: { member: Member; account: Account }) {
  return (
    <>
      <span className="font-medium">{member.name === '' ? member.email : member.name}</span>
      {isSame(member, account) && <span className="ml-2 text-faint">you</span>}
      {member.name !== '' && <span className="block text-xs text-soft">{member.email}</span>}
    </>
  );
}

function Actions({ member, org, account, onChange, onLeave }: RowContext & { member: Member }) {
  const isSelf = isSame(member, account);
  return (
    <div className="flex flex-wrap justify-end gap-2 sm:flex-nowrap">
      {mayChange(org.role, member.role) && (
        <Button
          kind="secondary"
          size="small"
          aria-label={`Change role of ${member.email}`}
          onClick={() => onChange(member)}
        >
          Change role
        </Button>
      )}
      {mayRemove(org.role, member.role, isSelf) && (
        <Button
          kind="secondary"
          size="small"
          aria-label={isSelf ? 'Leave this org' : `Remove ${member.email}`}
          onClick={() => onLeave(member)}
        >
          {isSelf ? 'Leave' : 'Remove'}
        </Button>
      )}
    </div>
  );
}

interface MemberDialogProps {
  member: Member | null;
  org: Account['orgs'][number];
  onClose: () => void;
}

function RoleDialog({ member, org, onClose }: MemberDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const change = useMutation({
    mutationFn: ({ id, role }: { id: number; role: Member['role'] }) =>
      unwrap(
        api.PATCH('/members/{id}/', {
          params: { path: { id }, query: { org: org.slug } },
          body: { role },
        }),
      ),
    async onSuccess({ email, role }) {
      // The role may be one's own.
      await Promise.all([
        queries.invalidateQueries({ queryKey: keys.members(org.slug) }),
        queries.invalidateQueries({ queryKey: keys.account }),
      ]);
      onClose();
      notify(`${email} is now ${role === 'member' ? 'a member' : `an ${role}`}.`);
    },
  });
  return (
    <Dialog
      isOpen={member !== null}
      onClose={() => {
        onClose();
        change.reset();
      }}
      title="Change role"
      about={`What ${member?.email ?? ''} can do in ${org.name}.`}
    >
      <Form
        label="Change role"
        onSend={({ role }) =>
          member && change.mutate({ id: member.id, role: role as Member['role'] })
        }
        isBusy={change.isPending}
        fault={problemOrNull(change.error)}
      >
        <SelectField label="Role" name="role" defaultValue={member?.role}>
          {rolesToGive(org.role).map((role) => (
            <option key={role} value={role}>
              {role}
            </option>
          ))}
        </SelectField>
        <div className="flex justify-end">
          <Button type="submit" isBusy={change.isPending}>
            Change role
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function RemoveDialog({ member, org, account, onClose }: MemberDialogProps & { account: Account }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const router = useRouter();
  const isSelf = member?.email.toLowerCase() === account.email.toLowerCase();
  const remove = useMutation({
    mutationFn: ({ id }: Member) =>
      unwrap(api.DELETE('/members/{id}/', { params: { path: { id }, query: { org: org.slug } } })),
    async onSuccess(_, { email }) {
      onClose();
      if (isSelf) {
        queries.clear();
        await queries.fetchQuery(accountQuery);
        await router.navigate({ to: '/' });
        notify(`You left ${org.name}.`);
        return;
      }
      await queries.invalidateQueries({ queryKey: keys.members(org.slug) });
      notify(`${email} is no longer in ${org.name}.`);
    },
  });
  return (
    <ConfirmDialog
      isOpen={member !== null}
      onClose={() => {
        onClose();
        remove.reset();
      }}
      onConfirm={() => member && remove.mutate(member)}
      title={isSelf ? `Leave ${org.name}?` : `Remove ${member?.email ?? ''}?`}
      verb={isSelf ? 'Leave' : 'Remove'}
      isBusy={remove.isPending}
      faultMessage={problemOrNull(remove.error)?.message}
    >
      {isSelf ? 'You lose' : 'They lose'} access to {org.name} immediately, and so do{' '}
      {isSelf ? 'your' : 'their'} API tokens. What {isSelf ? 'you' : 'they'} created there stays.
    </ConfirmDialog>
  );
}
