import { Bot, KeyRound, UserRound } from 'lucide-react';
import type { FeedEvent } from '../../api/live-feed.ts';
import { dateTimeText } from '../../lib/moments.ts';
import { classes } from '../ui/classes.ts';
import { eventDescribe } from './event-text.ts';

const ACTORS = {
  person: { icon: UserRound, word: 'someone in the panel' },
  token: { icon: KeyRound, word: 'an API token' },
  machine: { icon: Bot, word: 'DollarBox' },
};

/** The events of a container by the version that they belong to, newest first. */
export function ContainerTimeline({ events }: { events: readonly FeedEvent[] }) {
  const byVersion = Map.groupBy(events.toReversed(), ({ object }) => Number(object['generation']));
  return (
    <div className="grid gap-6">
      {[...byVersion].map(([version, rows]) => (
        <section key={version} aria-label={`Version ${version}`} className="grid gap-2">
          <h3 className="text-sm font-semibold">Version {version}</h3>
          <ol className="grid border-l border-line pl-4">
            {rows.map((event) => (
              <Row key={event.id} event={event} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Row({ event }: { event: FeedEvent }) {
  const { text, detail, by, isFailure } = eventDescribe(event);
  const { icon: Icon, word } = ACTORS[by];
  return (
    <li className="grid gap-1 py-2 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon className="size-4 shrink-0 text-faint" aria-hidden="true" />
        <span className={classes('font-medium', isFailure && 'text-danger')}>{text}</span>
        <span className="text-soft">by {word}</span>
        <time dateTime={event.at} className="text-faint tabular-nums sm:ml-auto">
          {dateTimeText(event.at)}
        </time>
      </p>
      {detail !== null && (
        <p className="pl-7 font-mono whitespace-pre-wrap text-soft wrap-anywhere">{detail}</p>
      )}
    </li>
  );
}
