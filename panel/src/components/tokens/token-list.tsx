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
import { type Column, Table } from '../ui/table.tsx';

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
      <Table
        label="API tokens"
        rows={tokens}
        rowKey={({ public_id: publicId }) => publicId}
        columns={columnsOf((token) => {
          revoke.reset();
          setDoomed(token);
        })}
      />
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

function Used({ at }: { at: string | null }) {
  return at === null ? <span className="text-faint">never</span> : <Moment at={at} />;
}

function Expiry({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="text-faint">no expiry</span>;
  if (Date.parse(at) <= now.getTime()) return <Badge kind="danger">expired</Badge>;
  return (
    <>
      <span className="sm:hidden">expires </span>
      <Moment at={at} />
    </>
  );
}

function columnsOf(onRevoke: (token: Token) => void): Column<Token>[] {
  return [
    {
      key: 'name',
      head: 'Name',
      cell: ({ name }) => <span className="font-medium wrap-anywhere">{name}</span>,
      onPhone: 'main',
    },
    {
      key: 'token',
      head: 'Token',
      cell: ({ public_id: publicId }) => (
        <span className="font-mono whitespace-nowrap">dbx_{publicId}…</span>
      ),
    },
    {
      key: 'scope',
      head: 'Scope',
      cell: ({ scope }) => <Badge kind={scope === 'write' ? 'brand' : 'plain'}>{scope}</Badge>,
    },
    {
      key: 'org',
      head: 'Org',
      cell: ({ org }) => org ?? <span className="text-faint">all orgs</span>,
    },
    {
      key: 'used',
      head: 'Last used',
      cell: ({ last_used_at: at }) => <Used at={at} />,
      onPhone: 'quiet',
    },
    { key: 'expires', head: 'Expires', cell: ({ expires_at: at }) => <Expiry at={at} /> },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      cell: (token) => (
        <Button
          kind="secondary"
          size="small"
          aria-label={`Revoke ${token.name} (dbx_${token.public_id}…)`}
          onClick={() => onRevoke(token)}
        >
          Revoke
        </Button>
      ),
      className: 'max-sm:ml-auto',
    },
  ];
}
