import { ERROR_STATUS, type ErrorCode } from '../base/errors.ts';
import { COMMON_HEADERS, headersShow } from './openapi-headers.ts';
import type { JsonObject } from './openapi-schemas.ts';

interface ErrorExample {
  message: string;
  detail: JsonObject;
}

/** For each code an error reply as a client may see it. */
const EXAMPLES: Readonly<Record<ErrorCode, ErrorExample>> = {
  authentication_failed: {
    message: 'This API token is not valid: check that it was copied whole.',
    detail: {},
  },
  permission_denied: {
    message: 'This token is read-only: use one with the scope "write".',
    detail: { required_scope: 'write' },
  },
  not_found: { message: 'Not found.', detail: {} },
  validation_error: {
    message:
      'The field "name" is not valid: Must be 1 to 50 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen. (1 more fault is listed in "detail".)',
    detail: {
      fields: {
        name: [
          'Must be 1 to 50 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen.',
        ],
        'env.1ST': [
          'An environment variable is named with letters, digits and underscores, and does not start with a digit.',
        ],
      },
    },
  },
  org_required: {
    message:
      'You belong to several orgs: name one in the header X-Dollarbox-Org or in ?org= (acme, lab).',
    detail: { orgs: ['acme', 'lab'] },
  },
  quota_exceeded: {
    message: "This would exceed your plan's limit of 5 containers. You are using 5.",
    detail: { resource: 'containers', limit: 5, current: 5 },
  },
  conflict: {
    message:
      'This org has a container named "web" already: choose another name or delete that one.',
    detail: { name: 'web' },
  },
  rate_limited: {
    message: 'Too many requests: wait 12 seconds, then go on with at most 600 a minute.',
    detail: { retry_after: 12 },
  },
  api_disabled: {
    message: 'API access is turned off for this org: an owner can turn it on in the panel.',
    detail: {},
  },
  kubectl_disabled: {
    message: 'kubectl access is turned off for this org: an owner can turn it on.',
    detail: {},
  },
  method_not_allowed: { message: 'This path takes GET, HEAD, POST.', detail: {} },
  payload_too_large: { message: 'The body is larger than 1 MiB.', detail: {} },
  unsupported_media_type: {
    message: 'Send the body as JSON, with the header "Content-Type: application/json".',
    detail: {},
  },
  precondition_failed: {
    message: 'The object has changed since you read it: read it again and repeat your change.',
    detail: {},
  },
  cursor_expired: {
    message:
      'Events behind this cursor are no longer kept: read the objects again, and continue from "oldest".',
    detail: { oldest: 'cD0xLjc4MS40Mg' },
  },
  idempotency_mismatch: {
    message:
      'This Idempotency-Key was used for another request: send a new key with a new request.',
    detail: {},
  },
  idempotency_in_progress: {
    message: 'A request with this Idempotency-Key is still running: repeat yours in a moment.',
    detail: {},
  },
  reauthentication_required: { message: 'Sign in again to do this.', detail: {} },
  internal_error: {
    message: 'Something went wrong on our side. Tell the operator the X-Request-Id of this reply.',
    detail: {},
  },
  service_unavailable: {
    message: 'The database is not reachable just now: try again in a moment.',
    detail: {},
  },
};

/** One response per status: its name among the components, its meaning, and its own headers. */
const RESPONSES: Readonly<
  Record<number, { name: string; description: string; headers?: readonly string[] }>
> = {
  400: { name: 'BadRequest', description: 'The request is not valid; `detail` says where.' },
  401: {
    name: 'Unauthorized',
    description: 'The token is missing, mistyped, revoked or expired, or its account is disabled.',
    headers: ['WWW-Authenticate'],
  },
  403: { name: 'Forbidden', description: 'You may not do this, or not with this token.' },
  404: {
    name: 'NotFound',
    description: 'There is no such object, or you have no access to it: the two look the same.',
  },
  405: {
    name: 'MethodNotAllowed',
    description: 'The path does not support this method.',
    headers: ['Allow'],
  },
  409: {
    name: 'Conflict',
    description: 'The state of the object, or another request, prevents this.',
    headers: ['Retry-After'],
  },
  410: {
    name: 'Gone',
    description: 'The cursor is too old; continue from `detail.oldest`.',
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The object has changed since the ETag in `If-Match`.',
  },
  413: {
    name: 'ContentTooLarge',
    description: 'The body is larger than 1 MiB, or the headers are too large.',
  },
  415: { name: 'UnsupportedMediaType', description: 'The body was not sent as JSON.' },
  422: {
    name: 'UnprocessableContent',
    description: 'The Idempotency-Key was used for another request.',
  },
  429: {
    name: 'TooManyRequests',
    description: 'The rate limit is used up.',
    headers: ['Retry-After'],
  },
  500: { name: 'InternalServerError', description: 'An error on our side.' },
  503: {
    name: 'ServiceUnavailable',
    description: 'The request was not executed. Try again in a moment.',
    headers: ['Retry-After'],
  },
};

/** The envelope of every error. */
const CODES = Object.keys(ERROR_STATUS)
  .map((code) => `\`${code}\``)
  .join(', ');

export const ERROR_SCHEMA: JsonObject = {
  type: 'object',
  description: 'Every error reply has this form.',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'detail'],
      properties: {
        code: {
          type: 'string',
          description: `What went wrong, for programs. The list may grow: treat a code that you do not know by its status. So far: ${CODES}.`,
          examples: ['not_found'],
        },
        message: {
          type: 'string',
          description: 'One sentence for people: what went wrong and what to do.',
        },
        detail: {
          type: 'object',
          additionalProperties: true,
          description:
            'More for programs, `{}` if there is none: `fields` (faults by path) of `validation_error`; `orgs` of `org_required`; `resource`, `limit` and `current` of `quota_exceeded`; `required_role` or `required_scope` of `permission_denied`; `retry_after` (seconds) of `rate_limited`.',
        },
      },
    },
  },
};

/** The shared error responses, one per status, with one example per code. */
export function errorResponsesCreate(): JsonObject {
  const responses: JsonObject = {};
  for (const [status, { name, description, headers = [] }] of Object.entries(RESPONSES)) {
    const codes = codesOf(Number(status));
    responses[name] = {
      description,
      headers: headersShow([...COMMON_HEADERS, ...headers]),
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/Error' },
          examples: Object.fromEntries(codes.map((code) => [code, exampleShow(code)])),
        },
      },
    };
  }
  return responses;
}

/**
 * The error part of an operation's `responses`: the shared response of each status, with the codes that this operation
 * may return.
 */
export function errorsShow(codes: readonly ErrorCode[]): JsonObject {
  const shown: JsonObject = {};
  for (const [status, { name, description }] of Object.entries(RESPONSES)) {
    const here = codesOf(Number(status)).filter((code) => codes.includes(code));
    if (here.length === 0) continue;
    shown[status] = {
      $ref: `#/components/responses/${name}`,
      description: `${here.map((code) => `\`${code}\``).join(', ')}: ${description}`,
    };
  }
  return shown;
}

function codesOf(status: number): ErrorCode[] {
  const codes = Object.keys(ERROR_STATUS) as ErrorCode[];
  return codes.filter((code) => ERROR_STATUS[code] === status);
}

function exampleShow(code: ErrorCode): JsonObject {
  const { message, detail } = EXAMPLES[code];
  return { value: { error: { code, message, detail } } };
}
