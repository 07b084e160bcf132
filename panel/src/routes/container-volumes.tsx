import { useContainer } from '../components/containers/container-context.ts';
import { SpecForm } from '../components/containers/spec-form.tsx';
import { VolumesField } from '../components/containers/volumes-field.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Card } from '../components/ui/card.tsx';

/** The volumes of a container, and where each is mounted. */
export function ContainerVolumesPage() {
  const { slug } = useOrg();
  const container = useContainer();
  return (
    <Card
      title="Volumes"
      about="A volume is mounted in one container at a time, and stays when the container is deleted."
    >
      <SpecForm
        slug={slug}
        container={container}
        label="Volumes"
        effect={() => 'Restarts the container.'}
      >
        {({ draft, change }) => (
          <>
            {draft.volumes.length === 0 && (
              <p className="text-sm text-soft">
                Nothing is mounted. What the container writes is lost when it is updated or deleted.
              </p>
            )}
            <VolumesField
              slug={slug}
              containerId={container.value.id}
              mounts={draft.volumes}
              onChange={(volumes) => change({ volumes })}
            />
          </>
        )}
      </SpecForm>
    </Card>
  );
}
