import { useContainer } from '../components/containers/container-context.ts';
import { containerDraftRead, specDifference } from '../components/containers/container-draft.ts';
import {
  CommandField,
  ImageField,
  PortsField,
  RuntimeFields,
} from '../components/containers/container-fields.tsx';
import { SpecForm } from '../components/containers/spec-form.tsx';
import type { SpecEditor } from '../components/containers/use-spec-editor.ts';
import { useOrg } from '../components/shell/org-context.ts';
import { Card } from '../components/ui/card.tsx';

/** What a container runs, and how. */
export function ContainerSettingsPage() {
  const { slug } = useOrg();
  const container = useContainer();
  return (
    <Card title="Settings" about="While a new image is pulled, the present version keeps running.">
      <SpecForm slug={slug} container={container} label="Settings" effect={effectText}>
        {({ draft, change }) => (
          <div className="grid max-w-[40rem] gap-5">
            <ImageField draft={draft} onChange={change} />
            <CommandField draft={draft} onChange={change} />
            <PortsField draft={draft} onChange={change} />
            <RuntimeFields draft={draft} onChange={change} />
          </div>
        )}
      </SpecForm>
    </Card>
  );
}

/** Only the time to stop is no part of what runs. */
function effectText({ draft, base }: SpecEditor): string | null {
  const { spec } = containerDraftRead(draft);
  if (spec === undefined) return null;
  const changed = specDifference(spec, base);
  const isRestart = changed.some((field) => field !== 'stop_grace_seconds');
  return isRestart ? 'Restarts the container.' : 'Doesn’t restart the container.';
}
