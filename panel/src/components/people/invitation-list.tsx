import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import type { components } from '@dollarbox/client/schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { useNow } from '../../lib/use-now.ts';
import { Moment } from '../shell/moment.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import { type Column, Table } from '../ui/table.tsx';

type Invitation = components['schemas']['Invitation'];

interface InvitationListProps {
  invitations: readonly Invitation[];
  org: Account['orgs'][number];
}

export function InvitationList({ invitations, org }: InvitationListProps) {
  const [renewing, setRenewing] = useState<Invitation | null>(null);
  const [doomed, setDoomed] = useState<Invitation | null>(null);
  return (
    <>
      <Table
        label="Invitations"
        columns={columnsOf(setRenewing, setDoomed)}
        rows={invitations}
        rowKey={({ id }) => id}
      />
      <RenewDialog invitation={renewing} org={org} onClose={() => setRenewing(null)} />
      <RevokeDialog invitation={doomed} org={org} onClose={() => setDoomed(null)} />
    </>
  );
}

function columnsOf(
  onRenew: (invitation: Invitation) => void,
  onRevoke: (invitation: Invitation) => void,
): Column<Invitation>[] {
  return [
    {
      key: 'email',
      head: 'Email',
      onPhone: 'main',
      className: 'font-medium wrap-anywhere',
      cell: ({ email }) => email,
    },
    {
      key: 'role',
      head: 'Role',
      cell: ({ role }) => <Badge kind={role === 'admin' ? 'brand' : 'plain'}>{role}</Badge>,
    },
    {
      key: 'state',
      head: 'State',
      className: 'text-soft',
      cell: (invitation) => <State invitation={invitation} />,
    },
    {
      key: 'invited',
      head: 'Invited',
      onPhone: 'quiet',
      className: 'text-soft',
      cell: ({ created_at: at }) => <Moment at={at} />,
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      className: 'max-sm:ml-auto',
      cell: (invitation) => (
        <Actions invitation={invitation} onRenew={onRenew} onRevoke={onRevoke} />
      ),
    },
  ];
}

function Actions(props: {
  invitation: Invitation;
  onRenew: (invitation: Invitation) => void;
  onRevoke: (invitation: Invitation) => void;
}) {
  const { invitation, onRenew, onRevoke } = props;
  const { email, accepted } = invitation;
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {!accepted && (
        <Button
          kind="secondary"
          size="small"
          aria-label={`New link for ${email}`}
          onClick={() => onRenew(invitation)}
        >
          New link
        </Button>
      )}
      <Button
        kind="secondary"
        size="small"
        aria-label={`${accepted ? 'Remove' : 'Revoke'} the invitation of ${email}`}
        onClick={() => onRevoke(invitation)}
      >
        {accepted ? 'Remove' : 'Revoke'}
      </Button>
    </div>
  );
}

function State({ invitation }: { invitation: Invitation }) {
  const now = useNow();
  if (invitation.accepted) return <Badge kind="plain">accepted</Badge>;
  if (Date.parse(invitation.expires_at) <= now.getTime())
    return <Badge kind="danger">expired</Badge>;
  return (
    <>
      pending, expires <Moment at={invitation.expires_at} />
    </>
  );
}

interface InvitationDialogProps {
  invitation: Invitation | null;
  org: Account['orgs'][number];
  onClose: () => void;
}

/** Sends an invitation again, which is also the only way to see a link of it: the one before stops working. */
function RenewDialog({ invitation, org, onClose }: InvitationDialogProps) {
  const queries = useQueryClient();
  const renew = useMutation({
    mutationFn: ({ id }: Invitation) =>
      unwrap(
        api.POST('/invitations/{id}/resend/', {
          params: { path: { id }, query: { org: org.slug } },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: keys.invitations(org.slug) }),
  });
  function close() {
    onClose();
    renew.reset();
  }
  if (renew.data !== undefined) {
    return (
      <Dialog
        isOpen={invitation !== null}
        onClose={close}
        title="New link"
        about="The previous link no longer works."
      >
        <LinkShown url={renew.data.accept_url} onDone={close} />
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      isOpen={invitation !== null}
      onClose={close}
      onConfirm={() => invitation && renew.mutate(invitation)}
      title="Create a new link?"
      verb="Create link"
      isBusy={renew.isPending}
      faultMessage={problemOrNull(renew.error)?.message}
    >
      The link that {invitation?.email} has now stops working. The new link is valid for seven days.
    </ConfirmDialog>
  );
}

/** The link of an invitation, shown once. */
export function LinkShown({ url, onDone }: { url: string; onDone: () => void }) {
  return (
    <div className="grid gap-5">
      <CodeBlock what="Link" text={url} />
      <p className="text-sm text-soft">
        Give it only to the person you invited. It works once, and it can’t be shown again.
      </p>
      <div className="flex justify-end">
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}

function RevokeDialog({ invitation, org, onClose }: InvitationDialogProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const revoke = useMutation({
    mutationFn: ({ id }: Invitation) =>
      unwrap(
        api.DELETE('/invitations/{id}/', { params: { path: { id }, query: { org: org.slug } } }),
      ),
    async onSuccess(_, { email }) {
      await queries.invalidateQueries({ queryKey: keys.invitations(org.slug) });
      onClose();
      notify(`Invitation of ${email} removed.`);
    },
  });
  return (
    <ConfirmDialog
      isOpen={invitation !== null}
      onClose={() => {
        onClose();
        revoke.reset();
      }}
      onConfirm={() => invitation && revoke.mutate(invitation)}
      title={invitation?.accepted === true ? 'Remove this invitation?' : 'Revoke this invitation?'}
      verb={invitation?.accepted === true ? 'Remove' : 'Revoke'}
      isBusy={revoke.isPending}
      faultMessage={problemOrNull(revoke.error)?.message}
    >
      {invitation?.accepted === true
        ? `It disappears from this list. ${invitation.email} stays in the org.`
        : `Its links stop working immediately. ${invitation?.email ?? ''} can be invited again.`}
    </ConfirmDialog>
  );
}
