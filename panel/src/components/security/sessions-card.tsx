import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { accountApi } from '../../api/client.ts';
import { keys, sessionsQuery } from '../../api/queries.ts';
import { useFaultNotify } from '../../api/use-fault-notify.ts';
import { browserName } from '../../lib/browser-name.ts';
import { Moment } from '../shell/moment.tsx';
import { QueryView } from '../shell/query-view.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { useNotify } from '../ui/notices.tsx';
import { type Column, Table } from '../ui/table.tsx';

type Session = components['schemas']['Session'];

export function SessionsCard() {
  const sessions = useQuery(sessionsQuery);
  const queries = useQueryClient();
  const notify = useNotify();
  const onError = useFaultNotify();
  const renew = () => queries.invalidateQueries({ queryKey: keys.sessions });
  const endOthers = useMutation({
    mutationFn: () => unwrap(accountApi.POST('/sessions/end-others/')),
    async onSuccess() {
      await renew();
      notify('All other sessions ended.');
    },
    onError,
  });
  const end = useMutation({
    mutationFn: ({ id }: Session) =>
      unwrap(accountApi.DELETE('/sessions/{id}/', { params: { path: { id } } })),
    async onSuccess() {
      await renew();
      notify('Session ended.');
    },
    onError,
  });
  const others = sessions.data?.filter(({ current }) => !current).length ?? 0;
  return (
    <Card
      title="Sessions"
      isFlush
      about="Browsers that are signed in to your account. If you don’t recognize one, end it and change your password."
      aside={
        others > 0 && (
          <Button
            kind="secondary"
            size="small"
            isBusy={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            End all other sessions
          </Button>
        )
      }
    >
      <QueryView query={sessions} what="your sessions" rows={2}>
        {(list) => (
          <Table
            label="Sessions"
            rows={list}
            rowKey={({ id }) => id}
            columns={columnsOf(end.isPending ? end.variables : null, (session) =>
              end.mutate(session),
            )}
          />
        )}
      </QueryView>
    </Card>
  );
}

function columnsOf(ending: Session | null, onEnd: (session: Session) => void): Column<Session>[] {
  return [
    {
      key: 'browser',
      head: 'Browser',
      cell: (session) => (
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-medium">{browserName(session.user_agent)}</span>
          {session.current && <Badge kind="brand">This session</Badge>}
        </span>
      ),
      onPhone: 'main',
    },
    {
      key: 'address',
      head: 'Address',
      cell: ({ ip_address: address }) => <span className="font-mono">{address}</span>,
    },
    {
      key: 'created',
      head: 'Signed in',
      cell: ({ created_at: at }) => <Moment at={at} />,
      onPhone: 'quiet',
    },
    {
      key: 'seen',
      head: 'Last seen',
      cell: ({ last_seen_at: at }) => (
        <>
          <span className="sm:hidden">seen </span>
          <Moment at={at} />
        </>
      ),
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      cell: (session) =>
        !session.current && (
          <Button
            kind="secondary"
            size="small"
            isBusy={ending?.id === session.id}
            aria-label={`End the session of ${browserName(session.user_agent)}`}
            onClick={() => onEnd(session)}
          >
            End
          </Button>
        ),
      className: 'max-sm:ml-auto',
    },
  ];
}
