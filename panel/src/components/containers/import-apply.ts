import type { Volume } from '@dollarbox/client';
import { wordsFormat } from '../../lib/command-text.ts';
import { type EnvRow, envFormat, envParse } from '../../lib/env-text.ts';
import type { ImportedSpec } from '../../lib/imports/imported.ts';
import { keyed } from '../../lib/row-key.ts';
import type { ContainerDraft } from './container-draft.ts';
import type { EnvDraft } from './env-draft.ts';

/**
 * A draft with what an imported text says. Variables are added to those that are there, and replace those of the same
 * name; everything else that the text mentions replaces what was there.
 * @param free the volumes that can be mounted.
 */
export function importApply(
  draft: ContainerDraft,
  spec: ImportedSpec,
  free: readonly Volume[],
): ContainerDraft {
  const { name, image, command, ports, mounts, pullPolicy, graceSeconds, init } = spec;
  return {
    name: name ?? draft.name,
    image: image ?? draft.image,
    env: envAdd(draft.env, spec.env),
    command: command === undefined ? draft.command : wordsFormat(command),
    ports: ports.length === 0 ? draft.ports : ports.join(', '),
    volumes:
      mounts.length === 0
        ? draft.volumes
        : mounts.map(({ volume, path }) => {
            const found = free.find((one) => one.name === volume);
            return keyed({ volume: found === undefined ? '' : String(found.id), mountPath: path });
          }),
    pullPolicy: pullPolicy ?? draft.pullPolicy,
    graceSeconds: graceSeconds === undefined ? draft.graceSeconds : String(graceSeconds),
    init: init ?? draft.init,
  };
}

function envAdd(before: EnvDraft, added: readonly EnvRow[]): EnvDraft {
  if (added.length === 0) return before;
  const parsed = before.mode === 'text' ? envParse(before.text) : { rows: before.rows };
  // A text that can't be read yet is left to the person who writes it.
  if (before.mode === 'text' && parsed.rows === undefined) {
    return { mode: 'text', text: `${before.text}\n${envFormat(added)}` };
  }
  const names = new Set(added.map(({ name }) => name));
  const kept = (parsed.rows ?? []).filter(
    ({ name, value }) => !names.has(name) && (name !== '' || value !== ''),
  );
  const rows = [...kept, ...added].map(({ name, value }) => ({ name, value }));
  return before.mode === 'text'
    ? { mode: 'text', text: envFormat(rows) }
    : { mode: 'rows', rows: rows.map(keyed) };
}

/** A sentence for each imported volume that the org does not have, or that another container uses. */
export function mountNotes(spec: ImportedSpec, volumes: readonly Volume[]): string[] {
  return spec.mounts
    .filter(({ volume }) => volume !== '')
    .flatMap(({ volume, path }) => {
      const found = volumes.find(({ name }) => name === volume);
      if (found === undefined) {
        return [`There is no volume “${volume}” yet: choose or create one for ${path}.`];
      }
      return found.container === null
        ? []
        : [`The volume “${volume}” is in use: choose another one for ${path}.`];
    });
}
