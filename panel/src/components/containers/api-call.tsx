import { useQuery } from '@tanstack/react-query';
import { Tabs } from 'radix-ui';
import { volumesQuery } from '../../api/org-queries.ts';
import { cliCreateLines, terraformLines } from '../../lib/call-lines.ts';
import { curlPostLines } from '../../lib/curl-line.ts';
import { CodeBlock } from '../ui/code-block.tsx';
import { Fold } from '../ui/fold.tsx';
import { type ContainerDraft, type ContainerSpec, containerDraftRead } from './container-draft.ts';
import { specBodyOf } from './spec-body.ts';

/** The form as it stands, as a request, a command and a Terraform resource. */
export function ApiCall({ slug, draft }: { slug: string; draft: ContainerDraft }) {
  const { spec } = containerDraftRead(draft);
  return (
    <Fold title="As API call" summary="curl, command line, Terraform">
      {spec === undefined ? (
        <p className="text-sm text-soft">Correct the form to see its request.</p>
      ) : (
        <Calls slug={slug} spec={spec} />
      )}
    </Fold>
  );
}

function Calls({ slug, spec }: { slug: string; spec: ContainerSpec }) {
  const { data: volumes = [] } = useQuery(volumesQuery(slug));
  const body = { ...specBodyOf(spec), name: spec.name, image: spec.image };
  const { origin } = globalThis.location;
  const nameOf = (id: number) => volumes.find((volume) => volume.id === id)?.name ?? String(id);
  const texts = [
    ['curl', curlPostLines(origin, '/api/v1/containers/', slug, body)],
    ['Command line', cliCreateLines(slug, body, nameOf)],
    ['Terraform', terraformLines(slug, body)],
  ] as const;
  return (
    <Tabs.Root defaultValue="curl" className="grid gap-3">
      <Tabs.List aria-label="As API call" className="flex gap-1">
        {texts.map(([name]) => (
          <Tabs.Trigger
            key={name}
            value={name}
            className="h-9 rounded-lg px-3 text-sm font-medium text-soft hover:bg-sunken hover:text-ink data-[state=active]:bg-brand-soft data-[state=active]:text-brand"
          >
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {texts.map(([name, text]) => (
        <Tabs.Content key={name} value={name}>
          <CodeBlock what={name === 'curl' ? 'curl lines' : name} text={text} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
