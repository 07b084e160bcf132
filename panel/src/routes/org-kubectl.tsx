import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type KubectlCredential, kubectlQuery } from '../api/org-queries.ts';
import { orgQuery, setupQuery } from '../api/queries.ts';
import { KubectlCreateDialog } from '../components/kubectl/kubectl-create-dialog.tsx';
import {
  KubectlRevokeDialog,
  credentialName,
} from '../components/kubectl/kubectl-revoke-dialog.tsx';
import { Moment } from '../components/shell/moment.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Card } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';
import { type Column, Table } from '../components/ui/table.tsx';

/** Access to the org's namespace with kubectl. */
export function OrgKubectlPage() {
  const { slug, role } = useOrg();
  const org = useQuery(orgQuery(slug));
  const credentials = useQuery(kubectlQuery(slug, role !== 'member'));
  const [isAdding, setIsAdding] = useState(false);
  const [doomed, setDoomed] = useState<KubectlCredential | null>(null);
  const setup = useQuery(setupQuery);
  const isOn = org.data?.value.kubectl_enabled === true;
  const isKnown = !org.isPending && !setup.isPending;
  return (
    <Page
      title="kubectl"
      about="Access to this org’s namespace with kubectl."
      action={
        isOn && (
          <Button onClick={() => setIsAdding(true)}>
            <Plus className="size-4" aria-hidden="true" />
            Create credential
          </Button>
        )
      }
    >
      {isKnown && org.data !== undefined && !isOn && (
        <KubectlOff slug={slug} role={role} isPossible={setup.data?.kubectl !== false} />
      )}
      {/* Not before it is known whether there is something above it, which would move it. */}
      {isKnown && (
        <Card
          title="Credentials"
          isFlush
          about={
            role === 'member' ? 'Yours in this org.' : 'Those of all members. Each sees their own.'
          }
        >
          <QueryView query={credentials} what="the credentials" rows={3}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty title="No kubectl credentials yet">
                  A credential is a kubeconfig that you download once and revoke here.
                </Empty>
              ) : (
                <Table
                  label="kubectl credentials"
                  rows={rows}
                  rowKey={({ id }) => id}
                  columns={columnsOf(setDoomed)}
                />
              )
            }
          </QueryView>
        </Card>
      )}
      <KubectlCreateDialog slug={slug} isOpen={isAdding} onClose={() => setIsAdding(false)} />
      <KubectlRevokeDialog slug={slug} credential={doomed} onClose={() => setDoomed(null)} />
    </Page>
  );
}

interface KubectlOffProps {
  slug: string;
  role: string;
  /** Whether it can be turned on. */
  isPossible: boolean;
}

function KubectlOff({ slug, role, isPossible }: KubectlOffProps) {
  if (!isPossible) {
    return (
      <Callout title="kubectl access is not available">
        kubectl needs a Kubernetes cluster, and containers run on Docker here.
      </Callout>
    );
  }
  return (
    <Callout title="kubectl access is off">
      {role === 'owner' ? (
        <>
          Turn it on in the{' '}
          <Link to="/orgs/$slug/settings" params={{ slug }} className="underline">
            settings of the org
          </Link>
          .
        </>
      ) : (
        'Ask an owner of this org to turn it on.'
      )}
    </Callout>
  );
}

function columnsOf(onRevoke: (credential: KubectlCredential) => void): Column<KubectlCredential>[] {
  return [
    {
      key: 'name',
      head: 'Name',
      cell: (credential) => (
        <span className="font-medium wrap-anywhere">{credentialName(credential)}</span>
      ),
      onPhone: 'main',
    },
    {
      key: 'member',
      head: 'Member',
      cell: ({ email }) => <span className="wrap-anywhere">{email}</span>,
    },
    {
      key: 'created',
      head: 'Created',
      cell: ({ created_at: at }) => <Moment at={at} />,
      onPhone: 'quiet',
    },
    {
      key: 'expires',
      head: 'Expires',
      cell: ({ expires_at: at }) => (at === null ? 'Never' : <Moment at={at} />),
      onPhone: 'quiet',
    },
    {
      key: 'actions',
      head: 'Actions',
      align: 'end',
      cell: (credential) => (
        <Button
          kind="secondary"
          size="small"
          aria-label={`Revoke ${credentialName(credential)}`}
          onClick={() => onRevoke(credential)}
        >
          Revoke
        </Button>
      ),
      className: 'max-sm:ml-auto',
    },
  ];
}
