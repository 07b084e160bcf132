/** The introduction of the API's documents (CommonMark), written for new readers. */
export const INTRODUCTION = `
Ask for a container, and a moment later it runs, with an IPv6 address of its own.

    curl -X POST http://localhost:8080/api/v1/containers/ \\
      -H "Authorization: Bearer $DOLLARBOX_TOKEN" \\
      -H "Content-Type: application/json" \\
      -d '{"name": "web", "image": "nginx:1.27"}'

The reply comes at once, with status \`pending\`. Read the container until its status has settled; it then answers on its \`ipv6_address\`.

## Requests

Everything is JSON in UTF-8. Paths end in \`/\`; the form without it answers the same. HEAD works wherever GET does. A method that a path does not support is answered with 405 \`method_not_allowed\`, and \`Allow\` lists those that it does. An unknown field or query parameter is refused with 400, never ignored, and all faults of a request are reported at once. Bodies have at most 1 MiB.

What you write is read back byte for byte: nothing is trimmed, reordered, expanded or rounded.

Times are RFC 3339 in UTC. Ids are integers and are never reused.

## Authentication

Send an API token as \`Authorization: Bearer dbx_…\`. A token belongs to a person and can do what that person can, within its scope: \`read\` (GET and HEAD, and the end of the token itself) or \`write\`. It may be restricted to one org and may expire. A token that is revoked or has expired, or whose account is disabled, is refused from the next request on.

## Orgs

Objects belong to an org. A request finds its org like this: a token that is restricted to an org acts in that one; else the header \`X-Dollarbox-Org\` or the query parameter \`org\` names it; else it is your only one. If you are in several and name none, lists and reads span all of them, and a write is refused with 400 \`org_required\`. Below \`/orgs/\`, the path names the org. A reply that acted in one org names it in \`X-Dollarbox-Org\`.

An object of an org that you are not a member of is answered like one that does not exist: 404.

## Lists

Lists come in pages, newest first: \`{"next": …, "previous": …, "results": […]}\`. Follow \`next\` until it is \`null\`; it is a whole URL, with your filters in it. Pages stay consistent while objects are created and deleted.

## Errors

Every error has the same form: \`{"error": {"code": "…", "message": "…", "detail": {…}}}\`. Act on \`code\`; show \`message\` to people. When you report a problem, send the reply's \`X-Request-Id\` along.

## Repeating a request safely

Send an \`Idempotency-Key\` with a POST, and repeat it with the same key and body if no reply came: it is executed once, and the first reply is sent again, with \`Idempotency-Replayed: true\`. Keys are kept for 24 hours. PATCH and DELETE can be repeated as they are.

## Not overwriting each other

Objects have an \`ETag\`. Sent back as \`If-Match\` with PATCH or DELETE, it makes sure that nobody else changed the object since you read it; else 412 \`precondition_failed\`. A change of status alone does not count. Sent as \`If-None-Match\` with GET, it saves the body if nothing has changed: 304.

## Rate limit

Requests are counted for each token. The headers \`RateLimit-Policy\` and \`RateLimit\` say what is allowed and what is left (draft-ietf-httpapi-ratelimit-headers). A request over the limit is answered 429 \`rate_limited\`, with the seconds to wait in \`Retry-After\`.
`.trim();

/** The description of each group of operations. */
export const TAG_DESCRIPTIONS: Readonly<Record<string, string>> = {
  Containers: `
A container is one image, running, with 1 GiB of memory and an IPv6 address that it keeps for life. In its org, other containers reach it by its name.

\`status\` describes the process: \`pending\` until it was first acted on, \`running\`, \`stopped\` by a client, or \`failed\` with a \`status_reason\` and a \`status_message\`. A process that ends is started again, after 1 second at first and up to 5 minutes later. \`status_since\` says since when the status is what it is, and \`next_retry_at\` when what has failed is tried again.

A change bumps \`generation\`. It is in effect when \`observed_generation\` equals it; until the new image has been pulled, the old version keeps running. A change that can't be applied has settled when \`status_reason\` is set while \`observed_generation\` is less than \`generation\`: the old version keeps running.
`.trim(),
  Events: `
Every change of an object is an event, written in the transaction of the change. They are read as a list, or followed as a stream; a client that resumes behind the last event it has seen misses nothing.
`.trim(),
  Volumes: `
A volume is a place for data that outlives containers: it survives their changes, crashes and deletion. Name it in a container's \`volumes\`, with the path to mount it at. At most one container mounts it; once it is detached, another one can mount it. That one starts when the former process has ended: two never write at once.

A volume is \`pending\`, then \`provisioning\`, then \`bound\`; a container that names it waits for that. A volume can't be changed. Deleting it destroys its data, at once and for good.
`.trim(),
  Registries: `
Credentials for private registries. An image is pulled with the org's credential for its host, if there is one; of several, the one with the longest matching \`path_prefix\` is used.

A secret is stored encrypted, can't be read back, and is sent to its own host only, never along a redirect. The token server of a registry counts as its own host if it is the same host, a subdomain of it, or its parent domain (\`gitlab.com\` for \`registry.gitlab.com\`).
`.trim(),
  'kubectl credentials': `
Access to the namespace of an org with kubectl and other tools of Kubernetes, where containers run on a cluster and an owner has turned kubectl mode on (\`kubectl_enabled\`). The kubeconfig is in the reply that creates it, and nowhere else.

A credential lasts until it is revoked, or to its \`expires_at\`. It is revoked, too, when its member leaves the org or their account is disabled, when kubectl mode is turned off, and when the org is suspended.
`.trim(),
  Orgs: 'The orgs that you are in, and what they use of their limits.',
  'Audit log': 'What was done in an org, and by whom. For its admins and owners.',
  Invitations:
    'Invitations to an org: a link that is mailed to someone, works once, and expires after seven days.',
  Whoami:
    'The token that a request was sent with, and its owner. A tool revokes its own token here when someone signs out.',
  Members:
    'The people in an org, and their roles: `member`, `admin` and `owner`. A higher role may do everything that a lower one may. An org always has an owner.',
};
