import { type Static, Type } from 'typebox';
import { PAGE_LIMIT } from '../http/schema.ts';

export const EVENT_CURSOR_FAULT = 'Must be the "id" of an event, or taken from "next", as it is.';

export const EventListQuery = Type.Object(
  {
    limit: PAGE_LIMIT,
    cursor: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]+$',
        fault: EVENT_CURSOR_FAULT,
        examples: ['cD0xLjc4MS40Mg'],
        description:
          'Start behind this event: its `id`. Not given, a list starts at the oldest event that is kept, and a stream now.',
      }),
    ),
    object: Type.Optional(
      Type.String({
        pattern: '^[a-z_]+(:[1-9][0-9]{0,14})?$',
        fault: 'Must be a kind of object, or one object such as container:12.',
        examples: ['container:12'],
        description: 'Only events of objects of this kind, or of this one.',
      }),
    ),
    tail: Type.Optional(
      Type.String({
        pattern: '^0*[1-9][0-9]*$',
        fault: 'Must be a positive whole number.',
        shownAs: { type: 'integer', minimum: 1, maximum: 200 },
        examples: [50],
        description:
          'Only the newest events, at most this many (more than 200 acts as 200), oldest first, on one page. Without `cursor`, and for lists only.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type EventListQuery = Static<typeof EventListQuery>;

const EVENT_EXAMPLE = {
  id: 'cD0xLjc4MS40Mg',
  at: '2026-11-02T09:30:00.000Z',
  type: 'container.status_changed',
  object: { id: 17, org: 'acme', name: 'web', image: 'nginx:1.27', status: 'running' },
  previous_attributes: { status: 'pending' },
  actor: null,
  request_id: null,
};

export const Event = Type.Object(
  {
    id: Type.String({
      description: 'Opaque; the cursor behind this event, for `?cursor=` and `Last-Event-ID`.',
    }),
    at: Type.String({ format: 'date-time', description: 'When it happened.' }),
    type: Type.String({
      examples: ['container.created'],
      description:
        'Object, dot, verb: `container.*` and `volume.*` (`created`, `updated`, `status_changed`, `deleted`), `org.created`, `org.updated`, `org.deleted`, `member.created`, `member.updated`, `member.deleted`, `invitation.created`, `invitation.accepted`, `invitation.deleted`, `registry.created`, `registry.deleted`, `kubectl_credential.created`, `kubectl_credential.deleted`. The list may grow.',
    }),
    object: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'The object as it was after the change. It lacks the `env` of a container, the `used_bytes` of a volume, the `role` of an org, and the `name` and `email` of a member, who has a `user_id` instead. Of a very large object, `command` and `volumes` are left out and `truncated` is true.',
    }),
    previous_attributes: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'The attributes that the change gave another value, with their values before. Of `env`, only the names of the variables that changed.',
    }),
    actor: Type.Union(
      [
        Type.Object({
          user_id: Type.Union([Type.Integer({ format: 'int64' }), Type.Null()]),
          token_id: Type.Union([Type.Integer({ format: 'int64' }), Type.Null()]),
        }),
        Type.Null(),
      ],
      {
        description:
          'Who made the change: `user_id` is that of a member, `token_id` that of the token that was used, if any. Nobody in the list of members has the `user_id` of someone who has left. `null` where it was DollarBox itself or its operator.',
      },
    ),
    request_id: Type.Union([Type.String(), Type.Null()], {
      description: 'The `X-Request-Id` of the request that made the change.',
    }),
  },
  {
    title: 'Event',
    description: 'A change of an object, recorded in the transaction of the change.',
    examples: [EVENT_EXAMPLE],
  },
);
export type Event = Static<typeof Event>;
