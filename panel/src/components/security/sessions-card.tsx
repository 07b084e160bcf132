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
import { Dot, Row, Rows } from '../ui/rows.tsx';

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
      <QueryView query={sessions} what="your sessions">
        {(list) => (
          <Rows label="Sessions">
            {list.map((session) => (
              <Row
                key={session.id}
                title={browserName(session.user_agent)}
                tags={session.current && <Badge kind="brand">This session</Badge>}
                about={
                  <>
                    <span className="font-mono">{session.ip_address}</span>
                    <Dot />
                    signed in <Moment at={session.created_at} />
                    <Dot />
                    seen <Moment at={session.last_seen_at} />
                  </>
                }
              >
                {!session.current && (
                  <Button
                    kind="secondary"
                    size="small"
                    isBusy={end.isPending && end.variables.id === session.id}
                    aria-label={`End the session of ${browserName(session.user_agent)}`}
                    onClick={() => end.mutate(session)}
                  >
                    End
                  </Button>
                )}
              </Row>
            ))}
          </Rows>
        )}
      </QueryView>
    </Card>
  );
}
