import type { Volume } from '@dollarbox/client';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useConnection } from '../api/connection.ts';
import { containersQuery, volumesQuery } from '../api/org-queries.ts';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Card } from '../components/ui/card.tsx';
import { StatusMark } from '../components/ui/status-mark.tsx';
import { VolumeDeleteDialog } from '../components/volumes/volume-delete-dialog.tsx';
import { VolumeFacts } from '../components/volumes/volume-facts.tsx';
import { volumeAdvice, volumeStatusShow } from '../components/volumes/volume-status.ts';

const route = getRouteApi('/member/orgs/$slug/volumes/$name');

/** One volume. */
export function VolumePage() {
  const { slug } = useOrg();
  const { name } = route.useParams();
  const volumes = useQuery(volumesQuery(slug));
  const volume = volumes.data?.find((row) => row.name === name);
  const crumbs = [{ text: 'Volumes', href: `/orgs/${slug}/volumes` }];
  if (volumes.data !== undefined && volume === undefined) {
    return (
      <Page
        title="Volume not found"
        crumbs={crumbs}
        about={`There is no volume “${name}” in this org. It may have been deleted.`}
      >
        <p>
          <TextLink to="/orgs/$slug/volumes" params={{ slug }}>
            Go to the volumes
          </TextLink>
        </p>
      </Page>
    );
  }
  return (
    <Page
      title={name}
      crumbs={crumbs}
      about={volume && <Status volume={volume} />}
      action={volume && <DeleteAction volume={volume} />}
    >
      <QueryView query={volumes} what="the volume">
        {() => volume !== undefined && <Details volume={volume} />}
      </QueryView>
    </Page>
  );
}

function Status({ volume }: { volume: Volume }) {
  const { state } = useConnection();
  const { look, word } = volumeStatusShow(volume);
  return <StatusMark look={look} word={word} isOld={state !== 'live'} />;
}

function DeleteAction({ volume }: { volume: Volume }) {
  const { slug } = useOrg();
  const navigate = route.useNavigate();
  const [isDeleting, setIsDeleting] = useState(false);
  return (
    <>
      <Button
        kind="danger-quiet"
        disabled={volume.container !== null}
        onClick={() => setIsDeleting(true)}
      >
        <Trash2 className="size-4" aria-hidden="true" />
        Delete
      </Button>
      <VolumeDeleteDialog
        slug={slug}
        volume={isDeleting ? volume : null}
        onClose={() => setIsDeleting(false)}
        onDeleted={() => void navigate({ to: '/orgs/$slug/volumes', params: { slug } })}
      />
    </>
  );
}

function Details({ volume }: { volume: Volume }) {
  const { slug } = useOrg();
  const { data: containers = [] } = useQuery(containersQuery(slug));
  const mounted = containers.find(({ id }) => id === volume.container);
  const { look, word } = volumeStatusShow(volume);
  return (
    <>
      {(look === 'failed' || volume.status_message !== null) && (
        <Callout kind={look === 'failed' ? 'danger' : 'info'} title={word} role="status">
          {volume.status_message}
          {volumeAdvice(volume) !== null && <p className="mt-2">{volumeAdvice(volume)}</p>}
        </Callout>
      )}
      <Card title="Mounted">
        {volume.container === null ? (
          <p className="text-sm text-soft">
            No container mounts it. Mount it on the page <em>Volumes</em> of a container.
          </p>
        ) : (
          <p className="text-sm text-soft">
            In{' '}
            {mounted === undefined ? (
              `container ${volume.container}`
            ) : (
              <TextLink
                to="/orgs/$slug/containers/$name/volumes"
                params={{ slug, name: mounted.name }}
              >
                {mounted.name}
              </TextLink>
            )}{' '}
            at <code className="font-mono">{volume.mount_path}</code>. To delete the volume, unmount
            it there first.
          </p>
        )}
      </Card>
      <Card title="Storage">
        <VolumeFacts volume={volume} />
      </Card>
    </>
  );
}
