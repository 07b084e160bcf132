import type { Container } from '@dollarbox/client';
import type { ReactNode } from 'react';
import type { Versioned } from '../../api/versioned.ts';
import { LeaveDialog } from '../shell/leave-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { Form } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';
import { useSavedBy } from './use-saved-by.ts';
import { type SpecEditor, useSpecEditor } from './use-spec-editor.ts';

interface SpecFormProps {
  slug: string;
  container: Versioned<Container>;
  label: string;
  /** The fields, and what saving does, given the state of the form. */
  children: (editor: SpecEditor) => ReactNode;
  /** What saving does, shown beside the button. */
  effect?: (editor: SpecEditor) => ReactNode;
}

/** A form that edits part of a container, saves it on the version that it was made on, and asks before it is left. */
export function SpecForm({ slug, container, label, children, effect }: SpecFormProps) {
  const notify = useNotify();
  const editor = useSpecEditor(slug, container, () => notify(`“${container.value.name}” saved.`));
  return (
    <>
      <Form label={label} onSend={editor.save} isBusy={editor.isBusy} fault={editor.fault}>
        {editor.isOutdated && (
          <OutdatedNote slug={slug} container={container.value} onReset={editor.reset} />
        )}
        {children(editor)}
        <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-56 text-sm text-soft">
            {editor.isDirty && (effect?.(editor) ?? null)}
          </p>
          {editor.isDirty && (
            <Button kind="quiet" onClick={editor.reset}>
              Discard
            </Button>
          )}
          <Button type="submit" isBusy={editor.isBusy} disabled={!editor.isDirty}>
            Save
          </Button>
        </div>
      </Form>
      <ConflictDialog
        slug={slug}
        conflict={editor.conflict}
        isBusy={editor.isBusy}
        onSave={editor.conflictSave}
        onTakeTheirs={editor.reset}
        onClose={editor.conflictClose}
      />
      <LeaveDialog isAsked={() => editor.isDirty} title="Leave without saving?">
        What you have changed on this page is not saved.
      </LeaveDialog>
    </>
  );
}

interface OutdatedNoteProps {
  slug: string;
  container: Pick<Container, 'id' | 'generation'>;
  onReset: () => void;
}

function OutdatedNote({ slug, container, onReset }: OutdatedNoteProps) {
  const who = useSavedBy(slug, container.id, container.generation);
  return (
    <Callout kind="warning" role="status" title="Changed elsewhere">
      <p>
        {who === null ? 'Another version was saved' : `${who} saved another version`} while you were
        editing. Saving shows both, so that you can combine them.
      </p>
      <Button kind="secondary" size="small" onClick={onReset} className="mt-2">
        Discard my edits and load it
      </Button>
    </Callout>
  );
}
