import { type ContainerDraft, DRAFT_EMPTY } from './container-draft.ts';

const key = (slug: string) => `new-container:${slug}`;

/** Keeps what was typed for a new container until the tab is closed, so that a reload loses nothing. */
export function draftKeep(slug: string, draft: ContainerDraft): void {
  try {
    sessionStorage.setItem(key(slug), JSON.stringify(draft));
  } catch {
    // Storage may be full or forbidden: then only the page holds the draft.
  }
}

export function draftDrop(slug: string): void {
  try {
    sessionStorage.removeItem(key(slug));
  } catch {
    // Nothing was kept either.
  }
}

/** The draft that this tab kept, unless another image was asked for. */
export function draftRestore(slug: string, image: string): ContainerDraft {
  const empty = { ...DRAFT_EMPTY, image };
  try {
    const kept = JSON.parse(sessionStorage.getItem(key(slug)) ?? 'null') as ContainerDraft | null;
    if (kept === null || (image !== '' && kept.image !== image)) return empty;
    return { ...empty, ...kept };
  } catch {
    return empty;
  }
}
