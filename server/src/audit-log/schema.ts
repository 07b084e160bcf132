import { Type } from 'typebox';
import { momentSchema } from '../http/moment.ts';
import { idSchema, pageQuerySchema } from '../http/schema.ts';

export const AuditListQuery = pageQuerySchema({
  actor: Type.Optional(
    Type.String({
      pattern: '^(operator|[1-9][0-9]{0,14}|[^@\\s]{1,64}@[^@\\s]{1,190})$',
      fault: 'Must be the id or the e-mail address of a person, or "operator".',
      examples: ['grace@example.com'],
      description: 'Only what this person did (id or address), or the operator (`operator`).',
    }),
  ),
  action: Type.Optional(
    Type.String({
      pattern: '^[a-z_]+(\\.[a-z_]+)+$',
      fault: 'Must be an action such as container.update.',
      examples: ['container.update'],
      description: 'Only this action.',
    }),
  ),
  object: Type.Optional(
    Type.String({
      pattern: '^[a-z_]+(:[1-9][0-9]{0,14})?$',
      fault: 'Must be a kind of object, or one object such as container:12.',
      examples: ['container:12'],
      description: 'Only objects of this kind, or this one.',
    }),
  ),
  since: momentSchema('Only what was done then or later.'),
  until: momentSchema('Only what was done before then.'),
});

const orNull = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(
  type: T,
  description: string,
) => Type.Union([type, Type.Null()], { description });

export const AuditEntry = Type.Object(
  {
    id: idSchema('Increases with time.'),
    org: Type.String({ description: 'Slug of the org.' }),
    at: Type.String({ format: 'date-time', description: 'When, in UTC.' }),
    actor: Type.Object(
      {
        kind: Type.Enum(['user', 'operator'], {
          description: 'A person, or the operator at the command line.',
        }),
        user_id: orNull(Type.Integer({ format: 'int64' }), 'Which person.'),
        email: orNull(Type.String(), 'Their address now; null if the account is gone.'),
      },
      { description: 'Who did it.' },
    ),
    token: Type.Union(
      [
        Type.Object({
          public_id: Type.String({ description: 'The first part of the token.' }),
          name: Type.String({ description: 'What its owner calls it.' }),
        }),
        Type.Null(),
      ],
      { description: 'By which token; null where none was used, or it is gone.' },
    ),
    session_id: orNull(Type.Integer({ format: 'int64' }), 'By which session of the panel.'),
    ip_address: orNull(Type.String(), 'From where; null for the operator.'),
    request_id: orNull(Type.String(), 'The `X-Request-Id` of the request.'),
    action: Type.String({ description: 'Object, dot, verb. The list may grow.' }),
    object: Type.Object(
      {
        kind: Type.String({ description: 'The kind of object.' }),
        id: orNull(Type.Integer({ format: 'int64' }), 'Which one.'),
      },
      { description: 'What it was done to.' },
    ),
    changes: Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'The fields that changed, each with `old` and `new`. Of `env`, the names alone; a value over 1 KiB as `sha256` and `bytes` of its JSON.',
      },
    ),
    detail: Type.Object(
      {},
      { additionalProperties: true, description: 'More about the action; never secrets.' },
    ),
  },
  {
    title: 'AuditEntry',
    description: 'Something that was done in an org.',
    examples: [
      {
        id: 301,
        org: 'acme',
        at: '2026-11-02T09:30:00.000Z',
        actor: { kind: 'user', user_id: 7, email: 'ada@example.com' },
        token: { public_id: '4kT9aQzX2mNb', name: 'deploy' },
        session_id: null,
        ip_address: '192.0.2.7',
        request_id: 'f1b2c3d4-5566-4788-99aa-bbccddeeff00',
        action: 'container.update',
        object: { kind: 'container', id: 12 },
        changes: { image: { old: 'nginx:1.27', new: 'nginx:1.28' } },
        detail: {},
      },
    ],
  },
);
