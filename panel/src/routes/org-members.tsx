import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { accountQuery, invitationsQuery, membersQuery } from '../api/queries.ts';
import { InvitationList } from '../components/people/invitation-list.tsx';
import { InviteDialog } from '../components/people/invite-dialog.tsx';
import { MemberList } from '../components/people/member-list.tsx';
import { MoreRows } from '../components/people/more-rows.tsx';
import { type MemberOrg, useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { Card } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';

/** The members of an org and, for those who may invite, its invitations. */
export function OrgMembersPage() {
  const org = useOrg();
  const { data: account } = useSuspenseQuery(accountQuery);
  const [isInviting, setIsInviting] = useState(false);
  const members = useInfiniteQuery(membersQuery(org.slug));
  const mayInvite = org.role !== 'member';
  if (account === null) return null;
  return (
    <Page
      title="Members"
      about={
        <>
          Who can work in {org.name}. Your role is {org.role}.
        </>
      }
      action={
        mayInvite && (
          <Button onClick={() => setIsInviting(true)}>
            <UserPlus className="size-4" aria-hidden="true" />
            Invite
          </Button>
        )
      }
    >
      <Card title="People" isFlush>
        <QueryView query={members} what="the members" rows={4}>
          {({ pages }) => (
            <>
              <MemberList
                members={pages.flatMap(({ results }) => results)}
                org={org}
                account={account}
              />
              <MoreRows query={members} what="members" />
            </>
          )}
        </QueryView>
      </Card>
      {/* Not before the members above it, which would move it when they arrive. */}
      {mayInvite && !members.isPending && <Invitations org={org} />}
      <InviteDialog org={org} isOpen={isInviting} onClose={() => setIsInviting(false)} />
    </Page>
  );
}

function Invitations({ org }: { org: MemberOrg }) {
  const invitations = useInfiniteQuery(invitationsQuery(org.slug));
  return (
    <Card title="Invitations" about="Each link works once, for seven days." isFlush>
      <QueryView query={invitations} what="the invitations" rows={2}>
        {({ pages }) => {
          const list = pages.flatMap(({ results }) => results);
          if (list.length === 0) {
            return <Empty title="No invitations yet">Invite a colleague by email address.</Empty>;
          }
          return (
            <>
              <InvitationList invitations={list} org={org} />
              <MoreRows query={invitations} what="invitations" />
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}
