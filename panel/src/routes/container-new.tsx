import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { FileInput } from 'lucide-react';
import { type ClipboardEvent, useRef, useState } from 'react';
import { useContainerCreate } from '../api/container-writes.ts';
import { containersQuery } from '../api/org-queries.ts';
import { problemOf } from '../api/problem.ts';
import { usageQuery } from '../api/queries.ts';
import { ApiCall } from '../components/containers/api-call.tsx';
import {
  type ContainerDraft,
  DRAFT_EMPTY,
  containerDraftRead,
  containerFaultShow,
  nameSuggest,
} from '../components/containers/container-draft.ts';
import {
  CommandField,
  ImageField,
  PortsField,
  RuntimeFields,
} from '../components/containers/container-fields.tsx';
import { draftDrop, draftKeep, draftRestore } from '../components/containers/draft-storage.ts';
import { EnvEditor } from '../components/containers/env-editor.tsx';
import { ImportPart } from '../components/containers/import-part.tsx';
import { VolumesField } from '../components/containers/volumes-field.tsx';
import { LeaveDialog } from '../components/shell/leave-dialog.tsx';
import { LimitNote } from '../components/shell/limit-note.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { Button } from '../components/ui/button.tsx';
import { Field } from '../components/ui/field.tsx';
import { Fold } from '../components/ui/fold.tsx';
import { Form, type FormFault } from '../components/ui/form.tsx';
import { usePageMark } from '../lib/use-page-mark.ts';

const route = getRouteApi('/member/orgs/$slug/new-container');

/** One page with all settings of a new container; an image is enough. */
export function ContainerNewPage() {
  const { slug } = useOrg();
  return (
    <Page
      title="New container"
      width="form"
      crumbs={[{ text: 'Containers', href: `/orgs/${slug}/containers` }]}
      about="Only an image is required. Everything except the name can be changed later."
    >
      <CreateForm key={slug} slug={slug} />
    </Page>
  );
}

function CreateForm({ slug }: { slug: string }) {
  const { image = '' } = route.useSearch();
  const router = useRouter();
  const page = usePageMark();
  const { data: containers = [] } = useQuery(containersQuery(slug));
  const { data: usage } = useQuery(usageQuery(slug));
  const [draft, setDraft] = useState(() => draftRestore(slug, image));
  const isBegun = JSON.stringify(draft) !== JSON.stringify(DRAFT_EMPTY);
  /** What was pasted to be imported; null while nothing is. */
  const [pasted, setPasted] = useState<string | null>(null);
  const isCreated = useRef(false);
  const [fault, setFault] = useState<FormFault | null>(null);
  const create = useContainerCreate(slug, {
    onDone({ value }) {
      isCreated.current = true;
      draftDrop(slug);
      if (!page.isHere()) return;
      const params = { slug, name: value.name };
      void router.navigate({ to: '/orgs/$slug/containers/$name', params, replace: true });
    },
    onRefused: (error) => setFault(containerFaultShow(problemOf(error), draft)),
  });
  const taken = new Set(containers.map(({ name }) => name));
  const suggested = nameSuggest(draft.image, taken);
  const name = draft.name === '' ? suggested : draft.name;
  const room = usage?.containers;
  const isFull = room !== undefined && room.current >= room.limit;

  function change(next: Partial<ContainerDraft>) {
    const changed = { ...draft, ...next };
    setDraft(changed);
    draftKeep(slug, changed);
  }
  function startOver() {
    draftDrop(slug);
    setDraft(DRAFT_EMPTY);
    setFault(null);
  }
  function send() {
    const read = containerDraftRead({ ...draft, name });
    if (read.spec === undefined) {
      setFault(read.fault);
      return;
    }
    setFault(null);
    page.set();
    create.mutate(read.spec);
  }
  const faulty = (prefix: string) =>
    Object.keys(fault?.fields ?? {}).some((path) => path.startsWith(prefix));
  function imagePasted(event: ClipboardEvent) {
    const text = event.clipboardData.getData('text');
    // A reference has no space in it.
    if (!/\S\s+\S/.test(text)) return;
    event.preventDefault();
    setPasted(text);
  }
  const fields = { draft, onChange: change };
  return (
    <>
      <Form label="New container" onSend={send} isBusy={create.isPending} fault={fault}>
        {isFull && <LimitNote slug={slug} what="containers" limit={room.limit} />}
        <div>
          <Button kind="secondary" size="small" onClick={() => setPasted('')}>
            <FileInput className="size-4" aria-hidden="true" />
            Import from docker run, Compose or .env
          </Button>
        </div>
        <ImageField {...fields} autoFocus onPaste={imagePasted} />
        <Field
          label="Name"
          name="name"
          value={draft.name}
          placeholder={suggested === '' ? 'web' : suggested}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="font-mono"
          hint="Lowercase letters, digits and hyphens. Other containers in the org reach it by this name. It can’t be changed later."
          onChange={(event) => change({ name: event.target.value })}
        />
        <div className="grid gap-3">
          <Fold
            title="Variables"
            summary={countText(draft.env.mode === 'rows' ? draft.env.rows.length : null, 'set')}
            isForcedOpen={faulty('env')}
          >
            <EnvEditor draft={draft.env} onChange={(env) => change({ env })} />
          </Fold>
          <Fold
            title="Volumes"
            summary={countText(draft.volumes.length, 'mounted')}
            isForcedOpen={faulty('volumes')}
          >
            <VolumesField
              slug={slug}
              mounts={draft.volumes}
              onChange={(volumes) => change({ volumes })}
            />
          </Fold>
          <Fold
            title="Command and ports"
            summary={draft.command === '' && draft.ports === '' ? 'the image’s own' : 'changed'}
            isForcedOpen={faulty('command') || faulty('ports')}
          >
            <CommandField {...fields} />
            <PortsField {...fields} />
          </Fold>
          <Fold
            title="Pulling, starting and stopping"
            summary="defaults"
            isForcedOpen={faulty('pull_policy') || faulty('stop_grace') || faulty('init')}
          >
            <RuntimeFields {...fields} />
          </Fold>
          <ApiCall slug={slug} draft={{ ...draft, name }} />
        </div>
        <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-3">
          <p className="min-w-0 flex-1 basis-56 text-sm text-soft">
            {room !== undefined &&
              !isFull &&
              `Uses 1 of your ${room.limit.toLocaleString('en')} containers. ${(room.limit - room.current - 1).toLocaleString('en')} left after it.`}
          </p>
          {isBegun && (
            <Button kind="quiet" onClick={startOver}>
              Start over
            </Button>
          )}
          <Button type="submit" isBusy={create.isPending} disabled={isFull}>
            Create container
          </Button>
        </div>
      </Form>
      <ImportPart
        slug={slug}
        text={pasted}
        draft={draft}
        onClose={() => setPasted(null)}
        onImport={(filled) => {
          setPasted(null);
          setFault(null);
          change(filled);
        }}
      />
      <LeaveDialog
        isAsked={() => isBegun && !isCreated.current}
        isHeld={false}
        title="Leave without creating it?"
      >
        What you have entered is kept in this browser tab, and is here when you come back.
      </LeaveDialog>
    </>
  );
}

function countText(count: number | null, verb: string): string {
  if (count === null) return 'as text';
  return count === 0 ? 'none' : `${count} ${verb}`;
}
