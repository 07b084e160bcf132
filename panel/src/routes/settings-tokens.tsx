import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { accountQuery, tokensQuery } from '../api/queries.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TokenCreateDialog } from '../components/tokens/token-create-dialog.tsx';
import { TokenList } from '../components/tokens/token-list.tsx';
import { Button } from '../components/ui/button.tsx';
import { Card } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';

export function TokensPage() {
  const tokens = useQuery(tokensQuery);
  const { data: account } = useSuspenseQuery(accountQuery);
  const [isCreating, setIsCreating] = useState(false);
  return (
    <Page
      title="API tokens"
      about="Let scripts, Terraform and the command line use the API as you, limited to a scope and, if you choose, an org."
      action={
        <Button onClick={() => setIsCreating(true)}>
          <Plus className="size-4" aria-hidden="true" />
          New token
        </Button>
      }
    >
      <Card title="Your tokens" isFlush>
        <QueryView query={tokens} what="your tokens" rows={3}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No tokens yet">
                Create one to use the API from outside this panel.
              </Empty>
            ) : (
              <TokenList tokens={list} />
            )
          }
        </QueryView>
      </Card>
      <TokenCreateDialog
        isOpen={isCreating}
        onClose={() => setIsCreating(false)}
        orgs={account?.orgs ?? []}
      />
    </Page>
  );
}
