import type { ComponentProps } from 'react';
import { CheckField } from '../ui/check-field.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { TextAreaField } from '../ui/text-area-field.tsx';
import type { ContainerDraft } from './container-draft.ts';

interface FieldsProps {
  draft: ContainerDraft;
  onChange: (change: Partial<ContainerDraft>) => void;
}

const PLAIN = { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off' } as const;

export function ImageField({
  draft,
  onChange,
  ...rest
}: FieldsProps & Pick<ComponentProps<'input'>, 'autoFocus' | 'onPaste'>) {
  return (
    <Field
      {...PLAIN}
      {...rest}
      label="Image"
      name="image"
      required
      value={draft.image}
      placeholder="nginx:1.27"
      className="font-mono"
      hint="From Docker Hub, or with the registry’s host: ghcr.io/team/app:1."
      onChange={(event) => onChange({ image: event.target.value })}
    />
  );
}

export function CommandField({ draft, onChange }: FieldsProps) {
  return (
    <TextAreaField
      label="Command"
      name="command"
      rows={1}
      value={draft.command}
      placeholder="nginx -g 'daemon off;'"
      hint="Replaces the image’s entrypoint and command. Quoted as in a shell, but no shell runs: nothing is expanded. Empty: the image’s own."
      onChange={(event) => onChange({ command: event.target.value })}
    />
  );
}

export function PortsField({ draft, onChange }: FieldsProps) {
  return (
    <Field
      {...PLAIN}
      label="TCP ports"
      name="ports"
      value={draft.ports}
      placeholder="80, 443"
      inputMode="text"
      className="font-mono"
      hint="What the container listens on. Empty: the ports that the image exposes."
      onChange={(event) => onChange({ ports: event.target.value })}
    />
  );
}

/** How the image is pulled, and how the process starts and ends. */
export function RuntimeFields({ draft, onChange }: FieldsProps) {
  return (
    <>
      <SelectField
        label="Pull the image"
        name="pull_policy"
        value={draft.pullPolicy}
        onChange={(event) =>
          onChange({ pullPolicy: event.target.value === 'always' ? 'always' : 'if_not_present' })
        }
        hint="Images with the tag “latest” or none are always pulled."
      >
        <option value="if_not_present">If it isn’t there yet</option>
        <option value="always">With each change</option>
      </SelectField>
      <Field
        {...PLAIN}
        label="Time to stop, in seconds"
        name="stop_grace_seconds"
        value={draft.graceSeconds}
        inputMode="numeric"
        className="max-w-32 tabular-nums"
        hint="From the stop signal until the process is killed: 1 to 120."
        onChange={(event) => onChange({ graceSeconds: event.target.value })}
      />
      <CheckField
        label="Run an init process"
        name="init"
        checked={draft.init}
        onChange={(init) => onChange({ init })}
        hint="Reaps orphaned processes and passes on signals. For programs that don’t do so as PID 1."
      />
    </>
  );
}
