import type { Container } from '@dollarbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useContainerUpdate } from '../../api/container-writes.ts';
import { containerQuery } from '../../api/org-queries.ts';
import { problemOf } from '../../api/problem.ts';
import { type Versioned, isOutdated } from '../../api/versioned.ts';
import type { FormFault } from '../ui/form.tsx';
import type { Conflict } from './conflict-dialog.tsx';
import {
  type ContainerDraft,
  type ContainerSpec,
  containerDraftOf,
  containerDraftRead,
  containerFaultShow,
  containerSpecOf,
  specDifference,
} from './container-draft.ts';

interface Editing {
  /** The version that the edits are made on. */
  base: Versioned<Container>;
  draft: ContainerDraft;
}

function editingBegin(base: Versioned<Container>): Editing {
  return { base, draft: containerDraftOf(base.value) };
}

/** Edits of a container's spec, from the version that was shown when they began until they are saved. */
export interface SpecEditor {
  draft: ContainerDraft;
  change: (change: Partial<ContainerDraft>) => void;
  isDirty: boolean;
  /** Somebody has saved another version since the edits began. */
  isOutdated: boolean;
  base: ContainerSpec;
  fault: FormFault | null;
  isBusy: boolean;
  save: () => void;
  /** Drops the edits and shows the newest version. */
  reset: () => void;
  conflict: Conflict | null;
  conflictSave: (merged: ContainerSpec) => void;
  conflictClose: () => void;
}

/**
 * The state of a form that edits a container. While nothing is edited it follows the server; from the first edit on it
 * changes by nobody else's hand.
 * @param live the container as the server last sent it.
 */
export function useSpecEditor(
  slug: string,
  live: Versioned<Container>,
  onSaved: () => void,
): SpecEditor {
  const queries = useQueryClient();
  const update = useContainerUpdate(slug);
  const [editing, setEditing] = useState(() => editingBegin(live));
  const [fault, setFault] = useState<FormFault | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const { base, draft } = editing;
  const baseSpec = containerSpecOf(base.value);
  const read = containerDraftRead(draft);
  const isDirty = read.spec === undefined || specDifference(read.spec, baseSpec).length > 0;
  const isBehind = live.value.generation > base.value.generation;
  if (isBehind && !isDirty) {
    setEditing(editingBegin(live));
  }

  // The event of a change may take the form from the page before the reply: the callbacks of `mutate` would be lost.
  async function send(wanted: ContainerSpec, on: Versioned<Container>, before: ContainerSpec) {
    const changed = specDifference(wanted, containerSpecOf(on.value));
    const body = Object.fromEntries(changed.map((field) => [field, wanted[field]]));
    try {
      const saved = await update.mutateAsync({ id: on.value.id, version: on.version, body });
      setEditing(editingBegin(saved));
      setConflict(null);
      setFault(null);
      onSaved();
    } catch (error) {
      await refused(error, wanted, on.value.name, before);
    }
  }

  async function refused(
    error: unknown,
    wanted: ContainerSpec,
    name: string,
    before: ContainerSpec,
  ) {
    setConflict(null);
    if (!isOutdated(error)) {
      setFault(containerFaultShow(problemOf(error), draft));
      return;
    }
    try {
      const theirs = await queries.fetchQuery({ ...containerQuery(slug, name), staleTime: 0 });
      if (theirs === null) setFault(problemOf(error));
      else setConflict({ before, yours: wanted, theirs });
    } catch (unread) {
      setFault(problemOf(unread));
    }
  }

  return {
    draft,
    change(change) {
      setEditing({ base, draft: { ...draft, ...change } });
    },
    isDirty,
    isOutdated: isDirty && isBehind,
    base: baseSpec,
    fault,
    isBusy: update.isPending,
    save() {
      if (read.spec === undefined) {
        setFault(read.fault);
        return;
      }
      setFault(null);
      void send(read.spec, base, baseSpec);
    },
    reset() {
      setFault(null);
      setConflict(null);
      setEditing(editingBegin(live));
    },
    conflict,
    conflictSave(merged) {
      if (conflict !== null) void send(merged, conflict.theirs, conflict.before);
    },
    conflictClose: () => setConflict(null),
  };
}
