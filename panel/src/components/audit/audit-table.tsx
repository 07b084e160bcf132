import type { components } from '@dollarbox/client/schema';
import { useState } from 'react';
import { Moment } from '../shell/moment.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { ActorMeans } from '../actors/actor-means.tsx';
import { auditActor } from '../actors/actor-words.ts';
import { auditSentence, fieldsText } from './sentence.ts';

type AuditEntry = components['schemas']['AuditEntry'];

/** What was done, newest first; the whole entry on demand. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const [shown, setShown] = useState<AuditEntry | null>(null);
  return (
    <>
      <Table
        label="Audit log"
        columns={columnsOf(setShown)}
        rows={entries}
        rowKey={({ id }) => id}
      />
      <Dialog
        isOpen={shown !== null}
        onClose={() => setShown(null)}
        title={`Entry ${shown?.id ?? ''}`}
        about="As the API returns it."
      >
        <CodeBlock what="JSON" text={JSON.stringify(shown, null, 2)} />
      </Dialog>
    </>
  );
}

function columnsOf(onShow: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    {
      key: 'what',
      head: 'What',
      onPhone: 'main',
      className: 'wrap-anywhere',
      cell: (entry) => <Sentence entry={entry} />,
    },
    {
      key: 'by',
      head: 'With',
      className: 'text-soft wrap-anywhere',
      cell: (entry) => <Means entry={entry} />,
    },
    {
      key: 'address',
      head: 'Address',
      onPhone: 'quiet',
      className: 'font-mono text-xs whitespace-nowrap text-soft',
      cell: ({ ip_address: address }) => address ?? '',
    },
    {
      key: 'at',
      head: 'When',
      className: 'text-soft whitespace-nowrap',
      cell: ({ at }) => <Moment at={at} />,
    },
    {
      key: 'more',
      head: 'Details',
      align: 'end',
      className: 'max-sm:ml-auto',
      cell: (entry) => (
        <Button
          kind="quiet"
          size="small"
          aria-label={`JSON of entry ${entry.id}`}
          onClick={() => onShow(entry)}
        >
          JSON
        </Button>
      ),
    },
  ];
}

function Means({ entry: { token, session_id: sessionId } }: { entry: AuditEntry }) {
  if (token !== null) return <ActorMeans means={{ token: token.name }} />;
  return sessionId !== null && <ActorMeans means="panel" />;
}

function Sentence({ entry }: { entry: AuditEntry }) {
  const { verb, object } = auditSentence(entry);
  const isInSentence = ['org', 'member'].includes(entry.object.kind);
  const fields = isInSentence ? '' : fieldsText(entry.changes);
  return (
    <>
      <span className="font-medium">{auditActor(entry.actor)}</span> {verb}{' '}
      {object !== '' && <span className="font-medium">{object}</span>}
      {fields !== '' && <span className="text-soft"> ({fields})</span>}
    </>
  );
}
