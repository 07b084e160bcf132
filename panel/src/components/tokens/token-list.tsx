import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/account-schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { useNow } from '../../lib/use-now.ts';
import { Moment } from '../shell/moment.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import { Dot, Row, Rows } from '../ui/rows.tsx';

type Token = components['schemas']['Token'];

export function TokenList({ tokens }: { tokens: readonly Token[] }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [doomed, setDoomed] = useState<Token | null>(null);
  const revoke = useMutation({
    mutationFn: ({ public_id: publicId }: Token) =>
      unwrap(
        accountApi.DELETE('/tokens/{public_id}/', { params: { path: { public_id: publicId } } }),
      ),
    async onSuccess(_, token) {
      await queries.invalidateQueries({ queryKey: keys.tokens });
      setDoomed(null);
      notify(`Token “${token.name}” revoked.`);
    },
  });
  return (
    <>
      <Rows label="API tokens">
        {tokens.map((token) => (
          <Row
            key={token.public_id}
            title={token.name}
            tags={
              <>
                <Badge kind={token.scope === 'write' ? 'brand' : 'plain'}>{token.scope}</Badge>
                <Expiry at={token.expires_at} />
              </>
            }
            about={
              <>
                <span className="font-mono">dbx_{token.public_id}…</span>
                <Dot />
                {token.org ?? 'all orgs'}
                <Dot />
                {token.last_used_at === null ? (
                  'never used'
                ) : (
                  <>
                    used <Moment at={token.last_used_at} />
                  </>
                )}
              </>
            }
          >
            <Button
              kind="secondary"
              size="small"
              aria-label={`Revoke ${token.name} (dbx_${token.public_id}…)`}
              onClick={() => {
                revoke.reset();
                setDoomed(token);
              }}
            >
              Revoke
            </Button>
          </Row>
        ))}
      </Rows>
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && revoke.mutate(doomed)}
        title="Revoke this token?"
        verb="Revoke"
        isBusy={revoke.isPending}
        faultMessage={problemOrNull(revoke.error)?.message}
      >
        Requests that use “{doomed?.name}” (
        <span className="font-mono">dbx_{doomed?.public_id}…</span>) will be refused immediately.
        This can’t be undone.
      </ConfirmDialog>
    </>
  );
}

function Expiry({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="text-sm text-faint">no expiry</span>;
  if (Date.parse(at) <= now.getTime()) return <Badge kind="danger">expired</Badge>;
  return (
    <span className="text-sm text-faint">
      expires <Moment at={at} />
    </span>
  );
}
