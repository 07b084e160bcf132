import { useContainer } from '../components/containers/container-context.ts';
import { type EnvChanges, envChanges, envDraftRead } from '../components/containers/env-draft.ts';
import { EnvEditor } from '../components/containers/env-editor.tsx';
import { SpecForm } from '../components/containers/spec-form.tsx';
import type { SpecEditor } from '../components/containers/use-spec-editor.ts';
import { useOrg } from '../components/shell/org-context.ts';
import { Card } from '../components/ui/card.tsx';

/** The variables of a container. */
export function ContainerEnvPage() {
  const { slug } = useOrg();
  const container = useContainer();
  return (
    <Card
      title="Variables"
      about="Delivered to the process byte for byte. What the image sets itself is not shown."
    >
      <SpecForm slug={slug} container={container} label="Variables" effect={changesText}>
        {({ draft, change, base }) => (
          <>
            {draft.env.mode === 'rows' && draft.env.rows.length === 0 && (
              <p className="text-sm text-soft">
                {Object.keys(base.env).length === 0
                  ? 'No variables yet. Paste the text of an .env file into a name to add all of it.'
                  : 'All variables are removed.'}
              </p>
            )}
            <EnvEditor draft={draft.env} onChange={(env) => change({ env })} isMasked />
          </>
        )}
      </SpecForm>
    </Card>
  );
}

/** What saving would change, before it does. */
function changesText({ draft, base }: SpecEditor): string | null {
  const { env } = envDraftRead(draft.env);
  if (env === undefined) return null;
  const changes = envChanges(base.env, env);
  const summary = (Object.keys(changes) as (keyof EnvChanges)[])
    .filter((kind) => changes[kind].length > 0)
    .map((kind) => `${kind}: ${changes[kind].join(', ')}`)
    .join('; ');
  return summary === ''
    ? null
    : `Restarts the container. ${summary.replace(/^./, (one) => one.toUpperCase())}.`;
}
