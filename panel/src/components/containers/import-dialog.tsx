import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { volumesQuery } from '../../api/org-queries.ts';
import { wordsFormat } from '../../lib/command-text.ts';
import { type TextRead, textRead } from '../../lib/imports/import-text.ts';
import type { Imported, ImportedSpec } from '../../lib/imports/imported.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { TextAreaField } from '../ui/text-area-field.tsx';
import type { ContainerDraft } from './container-draft.ts';
import { importApply, mountNotes } from './import-apply.ts';

const KINDS = {
  docker: 'A docker run command.',
  compose: 'A Compose service.',
  env: 'Variables of an .env file.',
};
const EMPTY_TEXT: TextRead = { fault: '' };

export interface ImportDialogProps {
  slug: string;
  /** What to begin with: what was pasted elsewhere. */
  text: string;
  draft: ContainerDraft;
  onClose: () => void;
  onImport: (draft: ContainerDraft) => void;
}

/** Fills a new container from a pasted text, after showing what would be filled in and what would be left out. */
export function ImportDialog({ slug, text: begun, draft, onClose, onImport }: ImportDialogProps) {
  const [text, setText] = useState(begun);
  const [service, setService] = useState('');
  const { data: volumes, isPending } = useQuery(volumesQuery(slug));
  const deferred = useDeferredValue(text);
  const read = useMemo(
    () => (deferred.trim() === '' ? EMPTY_TEXT : textRead(deferred)),
    [deferred],
  );
  const names = Object.keys(read.found ?? {});
  const name = names.includes(service) ? service : names[0];
  const chosen = name === undefined ? undefined : read.found?.[name];
  function fill() {
    if (chosen === undefined) return;
    const free = (volumes ?? []).filter(({ container }) => container === null);
    onImport(importApply(draft, chosen.spec, free));
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Import settings"
      about="Paste a docker run command, a Compose file or the contents of an .env file."
    >
      <Form label="Import settings" onSend={fill}>
        <TextAreaField
          label="Text"
          name="text"
          value={text}
          rows={5}
          placeholder="docker run -p 80:80 nginx:1.27"
          onChange={(event) => setText(event.target.value)}
        />
        {names.length > 1 && (
          <SelectField
            label="Service"
            name="service"
            value={name}
            hint={`This file has ${names.length} services. Each becomes a container of its own.`}
            onChange={(event) => setService(event.target.value)}
          >
            {names.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </SelectField>
        )}
        {read.fault !== undefined && read.fault !== '' && (
          <Callout kind="warning" role="status">
            {read.fault}
          </Callout>
        )}
        {chosen !== undefined && read.found !== undefined && (
          <Preview
            kind={KINDS[read.kind]}
            imported={chosen}
            more={isPending ? [] : mountNotes(chosen.spec, volumes ?? [])}
          />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="secondary" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen === undefined || isPending}>
            Fill in the form
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

interface PreviewProps {
  kind: string;
  imported: Imported;
  more: readonly string[];
}

function Preview({ kind, imported: { spec, notes }, more }: PreviewProps) {
  const all = [...new Set([...notes, ...more])];
  return (
    <section aria-label="Preview" className="grid gap-4">
      <div className="grid gap-2 rounded-lg border border-line px-4 py-3 text-sm">
        <p className="text-faint">{kind}</p>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
          {factsOf(spec).map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-soft">{label}</dt>
              <dd className="font-mono wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      {all.length > 0 && (
        <Callout kind="warning" title="Check before you create it">
          <ul className="grid list-disc gap-1 pl-4">
            {all.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Callout>
      )}
    </section>
  );
}

/** What would be filled in. The values of variables are not shown: they may be secret. */
function factsOf(spec: ImportedSpec): [string, ReactNode][] {
  const { name, image, env, command, ports, mounts, pullPolicy, graceSeconds, init } = spec;
  const facts: [string, ReactNode | undefined][] = [
    ['Image', image],
    ['Name', name],
    ['Variables', env.length === 0 ? undefined : env.map((row) => row.name).join(', ')],
    ['Ports', ports.length === 0 ? undefined : ports.join(', ')],
    [
      'Volumes',
      mounts.length === 0
        ? undefined
        : mounts.map(({ volume, path }) => `${volume || '?'} at ${path}`).join(', '),
    ],
    ['Command', command && wordsFormat(command)],
    ['Pull', pullPolicy === 'always' ? 'with each change' : undefined],
    ['Time to stop', graceSeconds === undefined ? undefined : `${graceSeconds} s`],
    ['Init process', init === true ? 'yes' : undefined],
  ];
  return facts.filter((fact): fact is [string, ReactNode] => fact[1] !== undefined);
}
