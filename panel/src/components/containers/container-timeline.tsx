import { Bot, KeyRound, UserRound } from 'lucide-react';
import type { FeedEvent } from '../../api/live-feed.ts';
import { dateTimeText } from '../../lib/moments.ts';
import { classes } from '../ui/classes.ts';
import { ActorMeans } from '../actors/actor-means.tsx';
import { type ActorShown, type Known, eventActor } from '../actors/actor-words.ts';
import { eventDescribe } from './event-text.ts';

interface ContainerTimelineProps {
  events: readonly FeedEvent[];
  /** By whom they are named. */
  known: Known;
}

/** The events of a container by the version that they belong to, newest first. */
export function ContainerTimeline({ events, known }: ContainerTimelineProps) {
  const byVersion = Map.groupBy(events.toReversed(), ({ object }) => Number(object['generation']));
  return (
    <div className="grid gap-6">
      {[...byVersion].map(([version, rows]) => (
        <section key={version} aria-label={`Version ${version}`} className="grid gap-2">
          <h3 className="text-sm font-semibold">Version {version}</h3>
          <ol className="grid border-l border-line pl-4">
            {rows.map((event) => (
              <Row key={event.id} event={event} known={known} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Row({ event, known }: { event: FeedEvent; known: Known }) {
  const { text, detail, isFailure } = eventDescribe(event);
  const actor = eventActor(event.actor, known);
  return (
    <li className="grid gap-1 py-2 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ActorIcon actor={actor} />
        <span className={classes('font-medium', isFailure && 'text-danger')}>{text}</span>
        <By actor={actor} />
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

function By({ actor: { who, means } }: { actor: ActorShown }) {
  if (who === null) return null;
  return (
    <span className="min-w-0 text-soft wrap-anywhere">
      by <span className="font-medium">{who}</span>
      {means !== null && (
        <>
          {means === 'panel' ? ' in ' : ' with '}
          <ActorMeans means={means} />
        </>
      )}
    </span>
  );
}

function ActorIcon({ actor: { kind, means } }: { actor: ActorShown }) {
  const look = { className: 'size-4 shrink-0 text-faint', 'aria-hidden': true } as const;
  if (kind === 'machine') return <Bot {...look} />;
  return means === 'panel' ? <UserRound {...look} /> : <KeyRound {...look} />;
}
