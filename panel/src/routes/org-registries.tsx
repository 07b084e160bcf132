import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { type Registry, registriesQuery } from '../api/org-queries.ts';
import {
  RegistryCreateDialog,
  RegistryDeleteDialog,
  registryPath,
} from '../components/registries/registry-dialogs.tsx';
import { Moment } from '../components/shell/moment.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { Card } from '../components/ui/card.tsx';
import { Dot, Row, Rows } from '../components/ui/rows.tsx';
import { Empty } from '../components/ui/states.tsx';

/** The credentials that an org's private images are pulled with. */
export function OrgRegistriesPage() {
  const { slug, role } = useOrg();
  const registries = useQuery(registriesQuery(slug));
  const [isAdding, setIsAdding] = useState(false);
  const [doomed, setDoomed] = useState<Registry | null>(null);
  const mayWrite = role !== 'member';
  return (
    <Page
      title="Registries"
      about="Credentials for private images."
      action={
        mayWrite && (
          <Button onClick={() => setIsAdding(true)}>
            <Plus className="size-4" aria-hidden="true" />
            Add a registry
          </Button>
        )
      }
    >
      <Card
        title="Private registries"
        about={
          mayWrite
            ? 'The credential with the longest matching path is used.'
            : 'Only admins and owners can add and remove them.'
        }
      >
        <QueryView query={registries} what="the registries">
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No private registries yet">
                Public images need no credential. Add one to pull from a registry that asks for it.
              </Empty>
            ) : (
              <Rows label="Registries">
                {rows.map((registry) => (
                  <Row
                    key={registry.id}
                    title={registryPath(registry)}
                    about={
                      <>
                        {registry.username}
                        <Dot />
                        secret{' '}
                        <span className="font-mono" title={registry.secret_fingerprint}>
                          {registry.secret_fingerprint.slice(0, 8)}
                        </span>
                        <Dot />
                        added <Moment at={registry.created_at} />
                      </>
                    }
                  >
                    {mayWrite && (
                      <Button
                        kind="secondary"
                        size="small"
                        aria-label={`Remove ${registryPath(registry)}`}
                        onClick={() => setDoomed(registry)}
                      >
                        Remove
                      </Button>
                    )}
                  </Row>
                ))}
              </Rows>
            )
          }
        </QueryView>
      </Card>
      <RegistryCreateDialog slug={slug} isOpen={isAdding} onClose={() => setIsAdding(false)} />
      <RegistryDeleteDialog slug={slug} registry={doomed} onClose={() => setDoomed(null)} />
    </Page>
  );
}
