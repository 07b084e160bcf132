import {
  type EnvRow,
  envFaults,
  envFormat,
  envOf,
  envParse,
  envRowsOf,
} from '../../lib/env-text.ts';
import { type Keyed, keyed } from '../../lib/row-key.ts';

/** Variables while they are edited: as rows, or as the text of an `.env` file. */
export type EnvDraft = { mode: 'rows'; rows: Keyed<EnvRow>[] } | { mode: 'text'; text: string };

type Env = Readonly<Record<string, string>>;

export function envDraftOf(env: Env): EnvDraft {
  return { mode: 'rows', rows: envRowsOf(env).map(keyed) };
}

/** The variables of a draft, or the faults that keep it from being sent, by the path of the field. */
export function envDraftRead(
  draft: EnvDraft,
): { env: Record<string, string>; faults?: undefined } | { env?: undefined; faults: Env } {
  const rows = draft.mode === 'rows' ? draft.rows : null;
  const parsed = draft.mode === 'text' ? envParse(draft.text) : null;
  if (parsed?.fault !== undefined) {
    return { faults: { env: `Line ${parsed.fault.line}: ${parsed.fault.message}` } };
  }
  const all = rows ?? parsed?.rows ?? [];
  const faults = Object.entries(envFaults(all)).map(([index, text]) => {
    const name = all[Number(index)]?.name ?? '';
    return rows === null ? ['env', `${name}: ${text}`] : [envRowPath(Number(index), name), text];
  });
  return faults.length > 0 ? { faults: Object.fromEntries(faults) } : { env: envOf(all) };
}

/** The path of a row's fault: the API's, unless the name itself can't be sent. */
export function envRowPath(index: number, name: string): string {
  return name === '' ? `env-row.${index}` : `env.${name}`;
}

/** Shows the same variables in the other form. @returns what keeps it from being shown, if anything. */
export function envDraftSwitch(draft: EnvDraft): { draft: EnvDraft } | { fault: string } {
  if (draft.mode === 'rows') {
    const filled = draft.rows.filter(({ name, value }) => name !== '' || value !== '');
    return { draft: { mode: 'text', text: envFormat(filled) } };
  }
  const parsed = envParse(draft.text);
  if (parsed.fault !== undefined) {
    return { fault: `Line ${parsed.fault.line}: ${parsed.fault.message}` };
  }
  return { draft: { mode: 'rows', rows: parsed.rows.map(keyed) } };
}

/** What saving would change, by name, in the order of the names. */
export interface EnvChanges {
  added: string[];
  changed: string[];
  removed: string[];
}

export function envChanges(before: Env, after: Env): EnvChanges {
  const names = Object.keys(after).toSorted();
  return {
    added: names.filter((name) => !Object.hasOwn(before, name)),
    changed: names.filter((name) => Object.hasOwn(before, name) && before[name] !== after[name]),
    removed: Object.keys(before)
      .filter((name) => !Object.hasOwn(after, name))
      .toSorted(),
  };
}
