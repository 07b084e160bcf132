import { Eye, EyeOff, Plus, X } from 'lucide-react';
import { type ClipboardEvent, type ReactNode, useRef, useState } from 'react';
import { type EnvRow, envParse } from '../../lib/env-text.ts';
import { type Keyed, keyed } from '../../lib/row-key.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { useFieldFault } from '../ui/form.tsx';
import { TextAreaField } from '../ui/text-area-field.tsx';
import { type EnvDraft, envDraftSwitch, envRowPath } from './env-draft.ts';

interface EnvEditorProps {
  draft: EnvDraft;
  onChange: (draft: EnvDraft) => void;
  /** Whether values are hidden until somebody asks for them. */
  isMasked?: boolean;
}

/** Variables as rows or as text. Switching loses nothing; pasting lines into a row adds rows. */
export function EnvEditor({ draft, onChange, isMasked = false }: EnvEditorProps) {
  const [isHidden, setIsHidden] = useState(isMasked);
  const [fault, setFault] = useState<string | null>(null);
  function modeSwitch() {
    const next = envDraftSwitch(draft);
    setFault('fault' in next ? next.fault : null);
    if ('draft' in next) onChange(next.draft);
  }
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2 empty:hidden">
        {draft.mode === 'text' && (
          <Button kind="secondary" size="small" onClick={modeSwitch}>
            Edit as rows
          </Button>
        )}
        {draft.mode === 'rows' && isMasked && draft.rows.length > 0 && (
          <Button kind="quiet" size="small" onClick={() => setIsHidden(!isHidden)}>
            {isHidden ? <Eye className="size-4" /> : <EyeOff className="size-4" />}
            {isHidden ? 'Show values' : 'Hide values'}
          </Button>
        )}
      </div>
      {fault !== null && draft.mode === 'text' && (
        <p role="alert" className="text-sm font-medium text-danger">
          {fault} Correct it, then switch to rows.
        </p>
      )}
      {draft.mode === 'text' ? (
        <TextAreaField
          label="Variables as text"
          name="env"
          value={draft.text}
          rows={8}
          onChange={(event) => {
            setFault(null);
            onChange({ mode: 'text', text: event.target.value });
          }}
          hint="NAME=value, one a line. Quote values with spaces at an end, quotes or line breaks. Comments are not saved."
        />
      ) : (
        <Rows
          rows={draft.rows}
          isHidden={isHidden}
          onChange={(rows) => onChange({ mode: 'rows', rows })}
          aside={
            <Button kind="secondary" size="small" onClick={modeSwitch}>
              Edit as text
            </Button>
          }
        />
      )}
    </div>
  );
}

interface RowsProps {
  rows: readonly Keyed<EnvRow>[];
  isHidden: boolean;
  onChange: (rows: Keyed<EnvRow>[]) => void;
  /** Beside the button that adds a row. */
  aside: ReactNode;
}

function Rows({ rows, isHidden, onChange, aside }: RowsProps) {
  const list = useRef<HTMLUListElement>(null);
  const fault = useFieldFault('env');
  function rowSet(index: number, row: Keyed<EnvRow>) {
    onChange(rows.map((other, at) => (at === index ? row : other)));
  }
  function add() {
    onChange([...rows, keyed({ name: '', value: '' })]);
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLElement>('li:last-child input')?.focus();
    });
  }
  function pasteInto(index: number, event: ClipboardEvent) {
    const { rows: pasted } = envParse(event.clipboardData.getData('text'));
    const isLines = pasted !== undefined && pasted.length > 0;
    if (!isLines) return;
    event.preventDefault();
    const row = rows[index];
    const isEmpty = row?.name === '' && row.value === '';
    onChange([
      ...rows.slice(0, index + (isEmpty ? 0 : 1)),
      ...pasted.map(keyed),
      ...rows.slice(index + 1),
    ]);
  }
  return (
    <>
      {fault !== undefined && <p className="text-sm font-medium text-danger">{fault}</p>}
      {rows.length > 0 && (
        <ul ref={list} aria-label="Variables" className="grid gap-3">
          {rows.map((row, index) => (
            <Row
              key={row.key}
              row={row}
              index={index}
              isHidden={isHidden}
              onChange={(next) => rowSet(index, { ...next, key: row.key })}
              onPaste={(event) => pasteInto(index, event)}
              onRemove={() => onChange(rows.filter((_, at) => at !== index))}
            />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        <Button kind="secondary" size="small" onClick={add}>
          <Plus className="size-4" aria-hidden="true" />
          Add variable
        </Button>
        {aside}
      </div>
    </>
  );
}

interface RowProps {
  row: EnvRow;
  index: number;
  isHidden: boolean;
  onChange: (row: EnvRow) => void;
  onPaste: (event: ClipboardEvent) => void;
  onRemove: () => void;
}

const CONTROL =
  'w-full rounded-lg border bg-surface px-3 py-2 font-mono text-[1rem] leading-6 text-ink placeholder:text-faint hover:border-ink-soft sm:text-sm';

function Row({ row, index, isHidden, onChange, onPaste, onRemove }: RowProps) {
  const path = envRowPath(index, row.name);
  const fault = useFieldFault(path);
  // A text area turns every line break into \n, so what has others is edited as text.
  const isRawOnly = row.value.includes('\r');
  const word = row.name === '' ? `variable ${index + 1}` : row.name;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-1.5 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]">
      <input
        aria-label={`Name of variable ${index + 1}`}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : `env-fault-${index}`}
        name={path}
        value={row.name}
        placeholder="NAME"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange({ ...row, name: event.target.value })}
        onPaste={onPaste}
        className={classes(
          CONTROL,
          'order-1 h-10',
          fault === undefined ? 'border-edge' : 'border-danger',
        )}
      />
      <textarea
        aria-label={`Value of ${word}`}
        value={row.value}
        rows={row.value.split('\n').length}
        readOnly={isRawOnly}
        title={isRawOnly ? 'It contains carriage returns: edit it as text.' : undefined}
        placeholder="value"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange({ ...row, value: event.target.value })}
        className={classes(
          CONTROL,
          'order-3 col-span-2 max-h-60 min-h-10 resize-none field-sizing-content border-edge sm:order-2 sm:col-span-1',
          isHidden && '[-webkit-text-security:disc] focus:[-webkit-text-security:none]',
        )}
      />
      <button
        type="button"
        aria-label={`Remove ${word}`}
        onClick={onRemove}
        className="order-2 grid size-10 place-items-center rounded-lg text-faint hover:bg-sunken hover:text-ink sm:order-3"
      >
        <X className="size-4" aria-hidden="true" />
      </button>
      {fault !== undefined && (
        <p
          id={`env-fault-${index}`}
          className="order-4 col-span-full text-sm font-medium text-danger"
        >
          {fault}
        </p>
      )}
      {isRawOnly && (
        <p className="order-5 col-span-full text-sm text-faint">
          Contains carriage returns: edit it as text.
        </p>
      )}
    </li>
  );
}
