import { type FormEvent, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { AUDIT_ACTIONS } from './sentence.ts';

/** What of the log is shown, as the URL has it: days without a time of day. */
interface AuditFilter {
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
}

interface AuditFiltersProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  const form = useRef<HTMLFormElement>(null);
  function send(event: FormEvent) {
    event.preventDefault();
    if (form.current === null) return;
    const entries = [...new FormData(form.current)].filter(([, value]) => value !== '');
    onChange(Object.fromEntries(entries) as AuditFilter);
  }
  return (
    <form
      ref={form}
      key={JSON.stringify(filter)}
      aria-label="Filters"
      onSubmit={send}
      className="grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-[2fr_2fr_1fr_1fr_auto]"
    >
      <Field
        label="Person"
        name="actor"
        autoComplete="off"
        placeholder="ada@example.com or operator"
        defaultValue={filter.actor ?? ''}
      />
      <SelectField label="Action" name="action" defaultValue={filter.action ?? ''} onChange={send}>
        <option value="">All actions</option>
        {AUDIT_ACTIONS.map((action) => (
          <option key={action} value={action}>
            {action}
          </option>
        ))}
      </SelectField>
      <Field label="From" name="since" type="date" defaultValue={filter.since ?? ''} />
      <Field label="To" name="until" type="date" defaultValue={filter.until ?? ''} />
      <div className="flex gap-2">
        <Button type="submit" kind="secondary">
          Filter
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button kind="quiet" onClick={() => onChange({})}>
            Clear
          </Button>
        )}
      </div>
    </form>
  );
}
