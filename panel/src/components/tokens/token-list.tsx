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
      notify(`“${token.name}” is revoked: it is refused from now on.`);
    },
  });
  return (
    <>
      <ul aria-label="API tokens" className="-my-4 divide-y divide-line">
        {tokens.map((token) => (
          <li key={token.public_id} className="flex flex-wrap items-center gap-x-6 gap-y-3 py-4">
            <div className="grid min-w-0 flex-1 basis-56 gap-1">
              <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                <span className="font-medium wrap-anywhere">{token.name}</span>
                <Badge kind={token.scope === 'write' ? 'brand' : 'plain'}>{token.scope}</Badge>
                <Expiry at={token.expires_at} />
              </p>
              <p className="text-sm text-soft wrap-anywhere">
                <span className="font-mono">dbx_{token.public_id}…</span>
                <Dot />
                {token.org === null ? 'all orgs' : token.org}
                <Dot />
                {token.last_used_at === null ? (
                  'never used'
                ) : (
                  <>
                    used <Moment at={token.last_used_at} />
                  </>
                )}
              </p>
            </div>
            <Button
              kind="secondary"
              size="small"
              aria-label={`Revoke ${token.name}`}
              onClick={() => {
                revoke.reset();
                setDoomed(token);
              }}
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && revoke.mutate(doomed)}
        title="Revoke this token?"
        verb="Revoke"
        isBusy={revoke.isPending}
        faultMessage={problemOrNull(revoke.error)?.message}
      >
        Whatever uses “{doomed?.name}” is refused from the next request on. This can’t be undone.
      </ConfirmDialog>
    </>
  );
}

function Dot() {
  return (
    <span aria-hidden="true" className="mx-2 text-faint">
      ·
    </span>
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
