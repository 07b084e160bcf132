import type { Container } from '@dollarbox/client';
import { useQuery } from '@tanstack/react-query';
import { Outlet, getRouteApi, useMatchRoute } from '@tanstack/react-router';
import { containerQuery } from '../api/org-queries.ts';
import type { Versioned } from '../api/versioned.ts';
import { ContainerActions } from '../components/containers/container-actions.tsx';
import { ContainerContext } from '../components/containers/container-context.ts';
import { ContainerStatus } from '../components/containers/container-status.tsx';
import { ContainerTabs } from '../components/containers/container-tabs.tsx';
import { containerStatusShow } from '../components/containers/status-words.ts';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { dateTimeText } from '../lib/moments.ts';

const route = getRouteApi('/member/orgs/$slug/containers/$name');

/** What all pages of one container share: its status, its actions and the way between them. */
export function ContainerLayout() {
  const { slug } = useOrg();
  const { name } = route.useParams();
  const container = useQuery(containerQuery(slug, name));
  const navigate = route.useNavigate();
  const isLogs = useMatchRoute()({ to: '/orgs/$slug/containers/$name/logs' }) !== false;
  const crumbs = [{ text: 'Containers', href: `/orgs/${slug}/containers` }];
  const found = container.data;
  if (found === null) {
    return (
      <Page
        title="Container not found"
        crumbs={crumbs}
        about={`There is no container “${name}” in this org. It may have been deleted.`}
      >
        <p>
          <TextLink to="/orgs/$slug/containers" params={{ slug }}>
            Go to the containers
          </TextLink>
        </p>
      </Page>
    );
  }
  return (
    <Page
      title={name}
      crumbs={crumbs}
      width={isLogs ? 'full' : 'list'}
      // While it loads its place is kept, so that nothing below moves.
      about={found ? <Summary container={found.value} /> : '\u00A0'}
      action={
        found ? (
          <ContainerActions
            slug={slug}
            container={found.value}
            onDeleted={() => void navigate({ to: '/orgs/$slug/containers', params: { slug } })}
          />
        ) : (
          <div className="h-10 w-78" />
        )
      }
    >
      <ContainerTabs slug={slug} name={name} />
      <QueryView query={container} what="the container">
        {(read) =>
          read !== null && (
            <ContainerContext key={read.value.id} value={read}>
              <Outlet />
            </ContainerContext>
          )
        }
      </QueryView>
    </Page>
  );
}

function Summary({ container }: { container: Versioned<Container>['value'] }) {
  const { detail } = containerStatusShow(container);
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span role="status">
        <ContainerStatus container={container} />
      </span>
      <span className="text-sm">
        since <time dateTime={container.status_since}>{dateTimeText(container.status_since)}</time>
      </span>
      {detail !== null && <span className="text-sm">{detail}</span>}
      <span className="font-mono text-sm">{container.image}</span>
    </span>
  );
}
