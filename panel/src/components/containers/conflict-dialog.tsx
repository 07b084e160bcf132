import type { Container, Volume } from '@dollarbox/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { volumesQuery } from '../../api/org-queries.ts';
import type { Versioned } from '../../api/versioned.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { Dialog } from '../ui/dialog.tsx';
import { type ContainerSpec, containerSpecOf } from './container-draft.ts';
import { useSavedBy } from './use-saved-by.ts';
import { type MergeChoice, type MergePart, mergeParts, specMerge } from './spec-merge.ts';

/** A save that came too late: what it was made on, what it would have saved, and what is there now. */
export interface Conflict {
  before: ContainerSpec;
  yours: ContainerSpec;
  theirs: Versioned<Container>;
}

interface ConflictDialogProps {
  slug: string;
  conflict: Conflict | null;
  isBusy: boolean;
  onSave: (merged: ContainerSpec) => void;
  onTakeTheirs: () => void;
  onClose: () => void;
}

/** Shows what two people changed at the same time, side by side, and saves both. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { slug, conflict, onClose } = props;
  const { data: volumes = [] } = useQuery(volumesQuery(slug));
  return (
    <Dialog
      isOpen={conflict !== null}
      onClose={onClose}
      title="Another version was saved first"
      about="Your changes are kept. Choose where both changed the same; everything else is combined."
    >
      {conflict !== null && (
        <Parts key={conflict.theirs.version} {...props} conflict={conflict} volumes={volumes} />
      )}
    </Dialog>
  );
}

type PartsProps = ConflictDialogProps & { conflict: Conflict; volumes: readonly Volume[] };

function Parts({ slug, conflict, volumes, isBusy, onSave, onTakeTheirs, onClose }: PartsProps) {
  const [choices, setChoices] = useState<Readonly<Record<string, MergeChoice>>>({});
  const specs = { ...conflict, theirs: containerSpecOf(conflict.theirs.value) };
  const parts = mergeParts(
    specs,
    (id) => volumes.find((volume) => volume.id === id)?.name ?? `volume ${id}`,
  );
  const { id, generation } = conflict.theirs.value;
  const who = useSavedBy(slug, id, generation);
  return (
    <div className="grid gap-5">
      {who !== null && (
        <p className="text-sm text-soft">
          Version {generation} was saved by <span className="font-medium">{who}</span>.
        </p>
      )}
      {parts.map((part) => (
        <Part
          key={part.path}
          part={part}
          choice={choices[part.path] ?? 'yours'}
          onChoose={(choice) => setChoices({ ...choices, [part.path]: choice })}
        />
      ))}
      <div className="flex flex-wrap justify-end gap-2">
        <Button kind="quiet" onClick={onClose} data-initial-focus>
          Back to editing
        </Button>
        <Button kind="secondary" onClick={onTakeTheirs}>
          Discard mine
        </Button>
        <Button isBusy={isBusy} onClick={() => onSave(specMerge(specs, parts, choices))}>
          Save combined
        </Button>
      </div>
    </div>
  );
}

interface PartProps {
  part: MergePart;
  choice: MergeChoice;
  onChoose: (choice: MergeChoice) => void;
}

const BY: Record<MergePart['by'], string> = {
  you: 'you changed it',
  them: 'they changed it',
  both: 'you both changed it',
  same: 'you both changed it alike',
};

function Part({ part, choice, onChoose }: PartProps) {
  const { path, label, before, yours, theirs, by } = part;
  const kept = by === 'you' ? 'yours' : by === 'both' ? choice : 'theirs';
  return (
    <fieldset className="grid gap-2 rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-medium">
        <span className={classes(path.startsWith('env.') && 'font-mono')}>{label}</span>
        <span className="font-normal text-faint">: {BY[by]}</span>
      </legend>
      <Version title="Before" text={before} />
      {(['yours', 'theirs'] as const).map((side) => (
        <label
          key={side}
          className={classes(
            'grid grid-cols-[1rem_minmax(0,1fr)] items-start gap-x-2.5 rounded-md px-2 py-1.5',
            kept === side && 'bg-brand-soft',
          )}
        >
          <input
            type="radio"
            name={path}
            checked={kept === side}
            disabled={by !== 'both'}
            onChange={() => onChoose(side)}
            className="mt-0.5 size-4 accent-brand"
          />
          <Version
            title={side === 'yours' ? 'Yours' : 'Theirs'}
            text={side === 'yours' ? yours : theirs}
          />
        </label>
      ))}
    </fieldset>
  );
}

function Version({ title, text }: { title: string; text: string | null }) {
  return (
    <span className="grid grid-cols-[4rem_minmax(0,1fr)] gap-2 text-sm">
      <span className="text-soft">{title}</span>
      {text === null || text === '' ? (
        <span className="text-faint">{text === null ? 'not set' : 'empty'}</span>
      ) : (
        <code className="max-h-40 overflow-auto font-mono whitespace-pre-wrap wrap-anywhere">
          {text}
        </code>
      )}
    </span>
  );
}
