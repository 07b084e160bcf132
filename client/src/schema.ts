// Made from openapi.json by `npm run gen`: do not edit.

export interface paths {
    "/containers/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List containers
         * @description The containers of one org, or of all your orgs if none is named, newest first.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["containerList"];
        put?: never;
        /**
         * Create a container
         * @description Returns at once with status `pending`; the image is then pulled and the process started. Read the container until its status settles.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["containerCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a container
         * @description One container, in its current state.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["containerRead"];
        put?: never;
        post?: never;
        /**
         * Delete a container
         * @description From the reply on, the container is gone, its name and its place in the quota are free. The process is asked to end, and ended after ten seconds.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        delete: operations["containerDelete"];
        options?: never;
        head?: never;
        /**
         * Update a container
         * @description A merge: an absent field is unchanged, a present one is replaced whole, `env` and `volumes` too: a volume that is left out of the list is detached, and keeps its data. The running version keeps running until the new image has been pulled and the new volumes are free; the change is in effect when `observed_generation` equals `generation`. The name is fixed.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        patch: operations["containerUpdate"];
        trace?: never;
    };
    "/containers/{id}/stop/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a container
         * @description Ends the process, and keeps it stopped until it is started again: through crashes, changes and restarts of the server and the engine. The container keeps its address, its volumes and its place in the quota. A change of a stopped container takes effect when it is started.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["containerStop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers/{id}/start/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a container
         * @description Starts a stopped container. One that is not stopped stays as it is.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["containerStart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers/{id}/restart/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restart a container
         * @description Ends the process and starts a new one of the same version, without the delay of a crash loop. What the process wrote outside its volumes is gone. With `pull`, the image is pulled again first, and the process runs until it is there. Starts a stopped container.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["containerRestart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers/{id}/logs/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read or follow the log
         * @description What the process wrote to its standard output and error, oldest first: without a cursor, the last lines; `previous` leads to those before. A `cursor` identifies a line permanently: `?cursor=` continues after it, and neither skips nor repeats a line. Of each earlier start of the process the last MiB is kept, for the last 10 starts and the last one of each of the last 3 generations, until the container is deleted; an org has at most 100 MiB of it. Where lines were lost there is a row of type `gap`.
         *
         *     With `Accept: text/event-stream` (or `application/x-ndjson`) the reply begins with the last lines (`tail`) and goes on with what the process writes, over all its restarts and updates; `Last-Event-ID` or `?cursor=` resumes behind a line. Every 15 seconds without a row there is a comment (an empty line). The last row is of type `end`, with a `reason`: `deleted`, `access_ended`, or `server_stopping`, after which a client connects again. A container has at most 10 streams and an org 50; more are answered 429 `rate_limited`.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["containerLogList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/containers/{id}/stats/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a container's usage
         * @description What the container uses at the moment, as the engine measures it: memory, processor time, network, processes, disk. Values that are not known, such as those of a container that does not run, are `null`.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["containerStatsRead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/volumes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List volumes
         * @description The volumes of one org, or of all your orgs when none is named, newest first.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["volumeList"];
        put?: never;
        /**
         * Create a volume
         * @description Returns at once with status `pending`; the empty volume is then created. A container can name it at once, and starts when it is `bound`. Its size counts against the plan's limit.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["volumeCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/volumes/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a volume
         * @description One volume, in its current state.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["volumeRead"];
        put?: never;
        post?: never;
        /**
         * Delete a volume and its data
         * @description Destroys the data for good. From the reply on, the volume is gone, and its name and its GB are free. Refused while a container mounts it: detach it there, or delete that container, first.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        delete: operations["volumeDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List or follow events
         * @description The changes of the objects of one org, oldest first. With `Accept: text/event-stream` (or `application/x-ndjson`) the reply goes on with what happens from now on; `Last-Event-ID` or `?cursor=` resumes behind an event, and misses nothing. It begins with an `id` without data, by which a client that is cut off before the first event resumes. Every 15 seconds without an event there is a comment (an empty line). The last row is of type `end`, with a `reason`: `access_ended`, or `server_stopping`, after which a client connects again. Events are kept for 30 days, and 100 MiB of them for each org; a cursor from before that is answered 410 `cursor_expired`. Events of one object are in the order of its changes.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["eventList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/registries/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List registry credentials
         * @description The credentials of one org, or of all your orgs when none is named, newest first.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["registryList"];
        put?: never;
        /**
         * Create a registry credential
         * @description From now on, the org's images on this host are pulled with it. Containers that could not be started because of such an image are tried again at once. An org has at most 20.
         *
         *     Requires the role `admin` in the org and the scope `write`.
         */
        post: operations["registryCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/registries/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a registry credential
         * @description One credential, without its secret.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["registryRead"];
        put?: never;
        post?: never;
        /**
         * Delete a registry credential
         * @description The credential is no longer used. What runs keeps running; a new version of a container needs its image to be pulled again, without this credential.
         *
         *     Requires the role `admin` in the org and the scope `write`.
         */
        delete: operations["registryDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orgs
         * @description The orgs that you are in, newest first; with an org-restricted token, that one.
         *
         *     Requires the scope `read`.
         */
        get: operations["orgList"];
        put?: never;
        /**
         * Create an org
         * @description Creates an org with you as its owner. A person may own three, unless the operator has set another limit; the operator may also keep the creation of orgs to themself. While the server is still finding out whether its engine keeps orgs apart, some seconds after a start, this is 503: try it again.
         *
         *     Requires the scope `write`. A token that is restricted to one org is refused.
         */
        post: operations["orgCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{slug}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an org
         * @description One org that you are in.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["orgRead"];
        put?: never;
        post?: never;
        /**
         * Delete an org
         * @description Deletes an org that has no containers and no volumes, for good: its members lose it at once, tokens that are restricted to it end, and its slug is never given out again.
         *
         *     Requires the role `owner` in the org and the scope `write`. Only from the panel: by a session whose person has just proved their identity, never by a token.
         */
        delete: operations["orgDelete"];
        options?: never;
        head?: never;
        /**
         * Change an org
         * @description Changes what is sent. Once `api_enabled` is false, tokens are refused for this org from the next request on, and only the panel turns it on again.
         *
         *     Requires the role `admin` in the org and the scope `write`. `kubectl_enabled` and `api_enabled` require the role `owner`.
         */
        patch: operations["orgUpdate"];
        trace?: never;
    };
    "/orgs/{slug}/usage/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an org's usage
         * @description What the org uses of each limit of its plan.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["orgUsageRead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orgs/{slug}/workloads/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an org's workloads
         * @description What members run in the org's namespace with kubectl, and what it has of the org's limits, newest first. It is changed with kubectl alone. The containers and volumes of the API are not in it. On an engine without kubectl it is empty.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["workloadList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List members
         * @description Who is in the org, or in all your orgs when none is named, newest first.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["memberList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/members/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a member
         * @description One member.
         *
         *     Requires the role `member` in the org and the scope `read`.
         */
        get: operations["memberRead"];
        put?: never;
        post?: never;
        /**
         * Remove a member
         * @description Ends, from the next request on, what they may do in the org by session and by token; their tokens that are restricted to the org are revoked. The last owner of an org stays.
         *
         *     Requires the role `member` in the org and the scope `write`. Anyone may remove themself; removing others requires the role `admin`, and an owner the role `owner`.
         */
        delete: operations["memberDelete"];
        options?: never;
        head?: never;
        /**
         * Change a member's role
         * @description In effect from the next request on. An org always has an owner: the last one keeps the role.
         *
         *     Requires the role `admin` in the org and the scope `write`. Only an `owner` may change an owner, or make one.
         */
        patch: operations["memberUpdate"];
        trace?: never;
    };
    "/invitations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations
         * @description The invitations of the org, or of all your orgs in which you may see them when none is named, newest first. Accepted and expired ones stay until they are revoked.
         *
         *     Requires the role `admin` in the org and the scope `read`.
         */
        get: operations["invitationList"];
        put?: never;
        /**
         * Invite someone
         * @description Mails them a link to a page where they accept, within seven days. The reply has a link of its own in `accept_url`, to hand over where mail does not arrive. A mail that can not be delivered fails nothing.
         *
         *     Requires the role `admin` in the org and the scope `write`.
         */
        post: operations["invitationCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an invitation
         * @description One invitation.
         *
         *     Requires the role `admin` in the org and the scope `read`.
         */
        get: operations["invitationRead"];
        put?: never;
        post?: never;
        /**
         * Revoke an invitation
         * @description Its links stop working. Revoking one that was accepted removes it from the list, and no member from the org.
         *
         *     Requires the role `admin` in the org and the scope `write`.
         */
        delete: operations["invitationDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{id}/resend/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an invitation again
         * @description Gives it new links and seven more days, and mails it. The links that it had stop working.
         *
         *     Requires the role `admin` in the org and the scope `write`.
         */
        post: operations["invitationResend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kubectl-credentials/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List kubectl credentials
         * @description Your credentials in one org, or in all your orgs when none is named, newest first. With `?all=true`, also those of others, in orgs of which you are an admin or owner. An org where kubectl mode is off has none.
         *
         *     Requires the role `member` in the org and the scope `read`. `?all=true` requires the role `admin`.
         */
        get: operations["kubectlCredentialList"];
        put?: never;
        /**
         * Create a kubectl credential
         * @description Issues a kubeconfig for the namespace of the org, which is in this reply alone. kubectl mode must be on (`kubectl_enabled` of the org). It needs no body. A member may have ten in an org; those with `expires_in` of an hour or less are counted apart: 50 for a member, 200 for an org.
         *
         *     Requires the role `member` in the org and the scope `write`.
         */
        post: operations["kubectlCredentialCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kubectl-credentials/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a kubectl credential
         * @description One credential, without its kubeconfig.
         *
         *     Requires the role `member` in the org and the scope `read`. Others' require the role `admin`; for anyone else they do not exist.
         */
        get: operations["kubectlCredentialRead"];
        put?: never;
        post?: never;
        /**
         * Revoke a kubectl credential
         * @description Ends the access of its kubeconfig, for good: within 11 seconds the cluster answers it with 401.
         *
         *     Requires the role `member` in the org and the scope `write`. Others' require the role `admin`; for anyone else they do not exist.
         */
        delete: operations["kubectlCredentialDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit-log/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was done
         * @description Who changed what in the org, or in all your orgs in which you may see it when none is named, newest first. Kept for 365 days.
         *
         *     Requires the role `admin` in the org and the scope `read`.
         */
        get: operations["auditList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whoami/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read who you are
         * @description The token of the request: whose it is, and what it may do.
         *
         *     Requires the scope `read`. Only by the token itself, whatever its scope: the panel has pages of its own for tokens.
         */
        get: operations["whoamiRead"];
        put?: never;
        post?: never;
        /**
         * Revoke this token
         * @description Revokes the token of the request, whatever its scope, and no other. It is refused from the next request on.
         *
         *     Requires the scope `read`. Only by the token itself, whatever its scope: the panel has pages of its own for tokens.
         */
        delete: operations["whoamiDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Something that was done in an org.
         * @example {
         *       "id": 301,
         *       "org": "acme",
         *       "at": "2026-11-02T09:30:00.000Z",
         *       "actor": {
         *         "kind": "user",
         *         "user_id": 7,
         *         "email": "ada@example.com"
         *       },
         *       "token": {
         *         "public_id": "4kT9aQzX2mNb",
         *         "name": "deploy"
         *       },
         *       "session_id": null,
         *       "ip_address": "192.0.2.7",
         *       "request_id": "f1b2c3d4-5566-4788-99aa-bbccddeeff00",
         *       "action": "container.update",
         *       "object": {
         *         "kind": "container",
         *         "id": 12
         *       },
         *       "changes": {
         *         "image": {
         *           "old": "nginx:1.27",
         *           "new": "nginx:1.28"
         *         }
         *       },
         *       "detail": {}
         *     }
         */
        AuditEntry: {
            /**
             * Format: int64
             * @description Increases with time.
             */
            id: number;
            /** @description Slug of the org. */
            org: string;
            /**
             * Format: date-time
             * @description When, in UTC.
             */
            at: string;
            /** @description Who did it. */
            actor: {
                /**
                 * @description A person, or the operator at the command line.
                 * @enum {string}
                 */
                kind: "user" | "operator";
                /**
                 * Format: int64
                 * @description Which person.
                 */
                user_id: number | null;
                /** @description Their address now; null if the account is gone. */
                email: string | null;
            };
            /** @description By which token; null where none was used, or it is gone. */
            token: {
                /** @description The first part of the token. */
                public_id: string;
                /** @description What its owner calls it. */
                name: string;
            } | null;
            /**
             * Format: int64
             * @description By which session of the panel.
             */
            session_id: number | null;
            /** @description From where; null for the operator. */
            ip_address: string | null;
            /** @description The `X-Request-Id` of the request. */
            request_id: string | null;
            /** @description Object, dot, verb. The list may grow. */
            action: string;
            /** @description What it was done to. */
            object: {
                /** @description The kind of object. */
                kind: string;
                /**
                 * Format: int64
                 * @description Which one.
                 */
                id: number | null;
            };
            /** @description The fields that changed, each with `old` and `new`. Of `env`, the names alone; a value over 1 KiB as `sha256` and `bytes` of its JSON. */
            changes: {
                [key: string]: unknown;
            };
            /** @description More about the action; never secrets. */
            detail: {
                [key: string]: unknown;
            };
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 301,
         *           "org": "acme",
         *           "at": "2026-11-02T09:30:00.000Z",
         *           "actor": {
         *             "kind": "user",
         *             "user_id": 7,
         *             "email": "ada@example.com"
         *           },
         *           "token": {
         *             "public_id": "4kT9aQzX2mNb",
         *             "name": "deploy"
         *           },
         *           "session_id": null,
         *           "ip_address": "192.0.2.7",
         *           "request_id": "f1b2c3d4-5566-4788-99aa-bbccddeeff00",
         *           "action": "container.update",
         *           "object": {
         *             "kind": "container",
         *             "id": 12
         *           },
         *           "changes": {
         *             "image": {
         *               "old": "nginx:1.27",
         *               "new": "nginx:1.28"
         *             }
         *           },
         *           "detail": {}
         *         }
         *       ]
         *     }
         */
        AuditEntryPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["AuditEntry"][];
        };
        /**
         * @description A container: what it should be, and how it is just now.
         * @example {
         *       "id": 17,
         *       "org": "acme",
         *       "name": "web",
         *       "image": "nginx:1.27",
         *       "env": {
         *         "LOG_LEVEL": "info"
         *       },
         *       "command": [],
         *       "ports": [
         *         80
         *       ],
         *       "volumes": [],
         *       "pull_policy": "if_not_present",
         *       "stop_grace_seconds": 10,
         *       "init": false,
         *       "status": "running",
         *       "status_reason": null,
         *       "status_message": null,
         *       "status_since": "2026-11-02T09:30:02.000Z",
         *       "desired_status": "running",
         *       "restarting": false,
         *       "next_retry_at": null,
         *       "warnings": [],
         *       "restart_count": 0,
         *       "ipv6_address": "fd12:3456:789a:1::11",
         *       "generation": 1,
         *       "observed_generation": 1,
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "updated_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Container: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description The org's slug. */
            org: string;
            /**
             * @description DNS label, unique among the org's containers. Fixed once created.
             * @example web
             */
            name: string;
            /**
             * @description Any OCI image reference, e.g. `nginx:1.27` or `host:5000/a/b@sha256:…`.
             * @example nginx:1.27
             */
            image: string;
            /**
             * @description Environment variables: at most 256, 64 KiB in all. Values are delivered byte for byte.
             * @example {
             *       "LOG_LEVEL": "info"
             *     }
             */
            env: {
                [key: string]: string;
            };
            /**
             * @description Replaces the image's entrypoint and command. Empty: the image's own.
             * @example [
             *       "nginx",
             *       "-g",
             *       "daemon off;"
             *     ]
             */
            command: string[];
            /**
             * @description TCP ports. Empty: those that the image exposes.
             * @example [
             *       80
             *     ]
             */
            ports: number[];
            /** @description Volumes to mount, each in one container at most. */
            volumes: components["schemas"]["VolumeMount"][];
            /**
             * @description `if_not_present`: an image that is already on the engine is used as it is, unless its reference has the tag `latest` or none. `always`: each change of the container pulls its image.
             * @enum {string}
             */
            pull_policy: "if_not_present" | "always";
            /**
             * @description From the stop signal to the kill, when the container ends for an update or a deletion. A change of it alone doesn't restart the process.
             * @example 10
             */
            stop_grace_seconds: number;
            /** @description Whether a small init process runs as PID 1, reaps orphaned processes and passes signals on to the command. */
            init: boolean;
            /**
             * @description `pending` until the engine has acted for the first time; `running` when the process runs; `failed` with a reason; `stopped` after a stop, and while its org is suspended. Tells of the process, not of the roll-out of a change.
             * @enum {string}
             */
            status: "pending" | "running" | "failed" | "stopped";
            /** @description A machine word, e.g. `image_not_found`, `crash_loop`, `out_of_memory`; the list may grow. */
            status_reason: string | null;
            /** @description A sentence with the evidence: exit code, last log lines, pull error. */
            status_message: string | null;
            /**
             * Format: date-time
             * @description Since when `status` is what it is, in UTC.
             */
            status_since: string;
            /**
             * @description What clients have asked for: `stopped` from a stop to the next start or restart, else `running`. `status` follows once the process has ended or started.
             * @enum {string}
             */
            desired_status: "running" | "stopped";
            /** @description Whether a restart was asked for and has not happened yet: the process is still the one before, or a new one has not started. */
            restarting: boolean;
            /**
             * Format: date-time
             * @description When what has failed, as `status_reason` says, is tried again: the process, or the change while the old version keeps running. `null` if nothing has failed, if it is being tried right now, or if that is not known.
             */
            next_retry_at: string | null;
            /** @description What is noticed about the process while it runs, as far as the engine can tell; never changes `status`. `ipv4_only_listener`: it listens on IPv4 alone, so that `ipv6_address` refuses. */
            warnings: components["schemas"]["ContainerWarning"][];
            /** @description Restarts since the last change of the spec. */
            restart_count: number;
            /** @description The container's own address, for life. */
            ipv6_address: string | null;
            /**
             * Format: int64
             * @description Moves with each change of the spec.
             */
            generation: number;
            /**
             * Format: int64
             * @description The last generation that the engine runs: a change is in effect when it equals `generation`.
             */
            observed_generation: number;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When its spec was last changed.
             */
            updated_at: string;
        };
        /** @description What a new container should be. Left out, `env` is `{}`, `command`, `ports` and `volumes` are `[]`, `pull_policy` is `if_not_present`, `stop_grace_seconds` is 10, and `init` is false. */
        ContainerCreate: {
            /**
             * @description DNS label, unique among the org's containers. Fixed once created.
             * @example web
             */
            name: string;
            /**
             * @description Any OCI image reference, e.g. `nginx:1.27` or `host:5000/a/b@sha256:…`.
             * @example nginx:1.27
             */
            image: string;
            /**
             * @description Environment variables: at most 256, 64 KiB in all. Values are delivered byte for byte.
             * @example {
             *       "LOG_LEVEL": "info"
             *     }
             */
            env?: {
                [key: string]: string;
            };
            /**
             * @description Replaces the image's entrypoint and command. Empty: the image's own.
             * @example [
             *       "nginx",
             *       "-g",
             *       "daemon off;"
             *     ]
             */
            command?: string[];
            /**
             * @description TCP ports. Empty: those that the image exposes.
             * @example [
             *       80
             *     ]
             */
            ports?: number[];
            /** @description Volumes to mount, each in one container at most. */
            volumes?: components["schemas"]["VolumeMount"][];
            /**
             * @description `if_not_present`: an image that is already on the engine is used as it is, unless its reference has the tag `latest` or none. `always`: each change of the container pulls its image.
             * @enum {string}
             */
            pull_policy?: "if_not_present" | "always";
            /**
             * @description From the stop signal to the kill, when the container ends for an update or a deletion. A change of it alone doesn't restart the process.
             * @example 10
             */
            stop_grace_seconds?: number;
            /** @description Whether a small init process runs as PID 1, reaps orphaned processes and passes signals on to the command. */
            init?: boolean;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 17,
         *           "org": "acme",
         *           "name": "web",
         *           "image": "nginx:1.27",
         *           "env": {
         *             "LOG_LEVEL": "info"
         *           },
         *           "command": [],
         *           "ports": [
         *             80
         *           ],
         *           "volumes": [],
         *           "pull_policy": "if_not_present",
         *           "stop_grace_seconds": 10,
         *           "init": false,
         *           "status": "running",
         *           "status_reason": null,
         *           "status_message": null,
         *           "status_since": "2026-11-02T09:30:02.000Z",
         *           "desired_status": "running",
         *           "restarting": false,
         *           "next_retry_at": null,
         *           "warnings": [],
         *           "restart_count": 0,
         *           "ipv6_address": "fd12:3456:789a:1::11",
         *           "generation": 1,
         *           "observed_generation": 1,
         *           "created_at": "2026-11-02T09:30:00.000Z",
         *           "updated_at": "2026-11-02T09:30:00.000Z"
         *         }
         *       ]
         *     }
         */
        ContainerPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Container"][];
        };
        /** @description How to restart. */
        ContainerRestart: {
            /** @description Whether to pull the image again first. Not given: `false`. */
            pull?: boolean;
        };
        /**
         * @description What a container uses. A value is `null` where it is not known.
         * @example {
         *       "observed_at": "2026-11-02T09:30:00.000Z",
         *       "memory_bytes": 18350080,
         *       "memory_limit_bytes": 1073741824,
         *       "cpu_seconds": 3.25,
         *       "network_received_bytes": 80123,
         *       "network_sent_bytes": 612004,
         *       "processes": 3,
         *       "disk_bytes": 4096,
         *       "volume_bytes": 52428800
         *     }
         */
        ContainerStats: {
            /**
             * Format: date-time
             * @description When the engine was asked, at most 2 seconds ago.
             */
            observed_at: string;
            /**
             * Format: int64
             * @description Memory in use, without the cache of files.
             */
            memory_bytes: number | null;
            /**
             * Format: int64
             * @description How much it may use.
             */
            memory_limit_bytes: number | null;
            /** @description Processor time since the process was started. */
            cpu_seconds: number | null;
            /**
             * Format: int64
             * @description Received since the process was started.
             */
            network_received_bytes: number | null;
            /**
             * Format: int64
             * @description Sent since the process was started.
             */
            network_sent_bytes: number | null;
            /** @description How many processes and threads there are. */
            processes: number | null;
            /**
             * Format: int64
             * @description What it wrote outside its volumes.
             */
            disk_bytes: number | null;
            /**
             * Format: int64
             * @description Data in its volumes, as last measured; 0 if it has none, `null` if one was not measured yet.
             */
            volume_bytes: number | null;
        };
        /** @description What should change. A field that is left out stays as it is. */
        ContainerUpdate: {
            /** @description Fixed: only the present name is accepted. */
            name?: string;
            /**
             * @description Any OCI image reference, e.g. `nginx:1.27` or `host:5000/a/b@sha256:…`.
             * @example nginx:1.27
             */
            image?: string;
            /**
             * @description Environment variables: at most 256, 64 KiB in all. Values are delivered byte for byte.
             * @example {
             *       "LOG_LEVEL": "info"
             *     }
             */
            env?: {
                [key: string]: string;
            };
            /**
             * @description Replaces the image's entrypoint and command. Empty: the image's own.
             * @example [
             *       "nginx",
             *       "-g",
             *       "daemon off;"
             *     ]
             */
            command?: string[];
            /**
             * @description TCP ports. Empty: those that the image exposes.
             * @example [
             *       80
             *     ]
             */
            ports?: number[];
            /** @description Volumes to mount, each in one container at most. */
            volumes?: components["schemas"]["VolumeMount"][];
            /**
             * @description `if_not_present`: an image that is already on the engine is used as it is, unless its reference has the tag `latest` or none. `always`: each change of the container pulls its image.
             * @enum {string}
             */
            pull_policy?: "if_not_present" | "always";
            /**
             * @description From the stop signal to the kill, when the container ends for an update or a deletion. A change of it alone doesn't restart the process.
             * @example 10
             */
            stop_grace_seconds?: number;
            /** @description Whether a small init process runs as PID 1, reaps orphaned processes and passes signals on to the command. */
            init?: boolean;
        };
        /** @description Something noticed about a running process. */
        ContainerWarning: {
            /**
             * @description A machine word; the list may grow.
             * @example ipv4_only_listener
             */
            code: string;
            /** @description What is noticed, and what to do about it. */
            message: string;
        };
        /**
         * @description A change of an object, recorded in the transaction of the change.
         * @example {
         *       "id": "cD0xLjc4MS40Mg",
         *       "at": "2026-11-02T09:30:00.000Z",
         *       "type": "container.status_changed",
         *       "object": {
         *         "id": 17,
         *         "org": "acme",
         *         "name": "web",
         *         "image": "nginx:1.27",
         *         "status": "running"
         *       },
         *       "previous_attributes": {
         *         "status": "pending"
         *       },
         *       "actor": null,
         *       "request_id": null
         *     }
         */
        Event: {
            /** @description Opaque; the cursor behind this event, for `?cursor=` and `Last-Event-ID`. */
            id: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /**
             * @description Object, dot, verb: `container.*` and `volume.*` (`created`, `updated`, `status_changed`, `deleted`), `org.created`, `org.updated`, `org.deleted`, `member.created`, `member.updated`, `member.deleted`, `invitation.created`, `invitation.accepted`, `invitation.deleted`, `registry.created`, `registry.deleted`, `kubectl_credential.created`, `kubectl_credential.deleted`. The list may grow.
             * @example container.created
             */
            type: string;
            /** @description The object as it was after the change. It lacks the `env` of a container, the `used_bytes` of a volume, the `role` of an org, and the `name` and `email` of a member, who has a `user_id` instead. Of a very large object, `command` and `volumes` are left out and `truncated` is true. */
            object: {
                [key: string]: unknown;
            };
            /** @description The attributes that the change gave another value, with their values before. Of `env`, only the names of the variables that changed. */
            previous_attributes: {
                [key: string]: unknown;
            };
            /** @description Who made the change: `user_id` is that of a member, `token_id` that of the token that was used, if any. Nobody in the list of members has the `user_id` of someone who has left. `null` where it was DollarBox itself or its operator. */
            actor: {
                /** Format: int64 */
                user_id: number | null;
                /** Format: int64 */
                token_id: number | null;
            } | null;
            /** @description The `X-Request-Id` of the request that made the change. */
            request_id: string | null;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": "cD0xLjc4MS40Mg",
         *           "at": "2026-11-02T09:30:00.000Z",
         *           "type": "container.status_changed",
         *           "object": {
         *             "id": 17,
         *             "org": "acme",
         *             "name": "web",
         *             "image": "nginx:1.27",
         *             "status": "running"
         *           },
         *           "previous_attributes": {
         *             "status": "pending"
         *           },
         *           "actor": null,
         *           "request_id": null
         *         }
         *       ]
         *     }
         */
        EventPage: {
            /**
             * Format: uri
             * @description URL of the next page, newer objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, older objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, oldest first. */
            results: components["schemas"]["Event"][];
        };
        /**
         * @description An invitation to an org.
         * @example {
         *       "id": 4,
         *       "org": "acme",
         *       "email": "grace@example.com",
         *       "role": "member",
         *       "accepted": false,
         *       "expires_at": "2026-11-09T09:30:00.000Z",
         *       "created_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Invitation: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description Slug of the org. */
            org: string;
            /** @description As the inviter wrote it. */
            email: string;
            /**
             * @description The role that they get.
             * @enum {string}
             */
            role: "admin" | "member";
            /** @description Whether it has been accepted. */
            accepted: boolean;
            /**
             * Format: date-time
             * @description Until when it can be accepted, in UTC.
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description When it was created, in UTC.
             */
            created_at: string;
            /** @description Only where sign-up is closed: that only people with an account can accept. */
            notice?: string;
        };
        InvitationCreate: {
            /** @description Whom to invite. Compared without regard to case. */
            email: string;
            /**
             * @description The role that they get.
             * @default member
             * @enum {string}
             */
            role: "admin" | "member";
        };
        /**
         * @description A new invitation, or an existing one with a new link.
         * @example {
         *       "id": 4,
         *       "org": "acme",
         *       "email": "grace@example.com",
         *       "role": "member",
         *       "accepted": false,
         *       "expires_at": "2026-11-09T09:30:00.000Z",
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "accept_url": "https://panel.example/invitations/accept?token=uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
         *     }
         */
        InvitationMade: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description Slug of the org. */
            org: string;
            /** @description As the inviter wrote it. */
            email: string;
            /**
             * @description The role that they get.
             * @enum {string}
             */
            role: "admin" | "member";
            /** @description Whether it has been accepted. */
            accepted: boolean;
            /**
             * Format: date-time
             * @description Until when it can be accepted, in UTC.
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description When it was created, in UTC.
             */
            created_at: string;
            /** @description Only where sign-up is closed: that only people with an account can accept. */
            notice?: string;
            /**
             * Format: uri
             * @description The page where it is accepted, once. In no other reply. It invites, and proves no mailbox: hand it to the invited person alone.
             */
            accept_url: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 4,
         *           "org": "acme",
         *           "email": "grace@example.com",
         *           "role": "member",
         *           "accepted": false,
         *           "expires_at": "2026-11-09T09:30:00.000Z",
         *           "created_at": "2026-11-02T09:30:00.000Z"
         *         }
         *       ]
         *     }
         */
        InvitationPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Invitation"][];
        };
        /**
         * @description A member's access to the org's namespace with kubectl.
         * @example {
         *       "id": 8,
         *       "org": "acme",
         *       "name": "laptop",
         *       "email": "ada@example.com",
         *       "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
         *       "created_at": "2026-11-02T09:20:00.000Z",
         *       "expires_at": null,
         *       "rotated_at": "2026-11-02T09:20:00.000Z",
         *       "last_downloaded_at": "2026-11-02T09:20:00.000Z"
         *     }
         */
        KubectlCredential: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description The org's slug. */
            org: string;
            /** @description What it is for; `null` if nobody said. */
            name: string | null;
            /** @description Of the member that it acts for. */
            email: string;
            /** @description What the cluster calls it. */
            sa_name: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends by itself; `null`: when it is revoked.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description When its token was issued: always `created_at`.
             */
            rotated_at: string;
            /**
             * Format: date-time
             * @description When its kubeconfig was shown, once: always `created_at`.
             */
            last_downloaded_at: string;
        };
        KubectlCredentialCreate: {
            /** @description What it is for. */
            name?: string;
            /** @description In how many seconds it ends by itself. Not given: when it is revoked. Those of an hour or less are counted apart. */
            expires_in?: number;
        };
        /**
         * @description A new credential, with its kubeconfig.
         * @example {
         *       "id": 8,
         *       "org": "acme",
         *       "name": "laptop",
         *       "email": "ada@example.com",
         *       "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
         *       "created_at": "2026-11-02T09:20:00.000Z",
         *       "expires_at": null,
         *       "rotated_at": "2026-11-02T09:20:00.000Z",
         *       "last_downloaded_at": "2026-11-02T09:20:00.000Z",
         *       "kubeconfig": "apiVersion: v1\nkind: Config\nclusters: …"
         *     }
         */
        KubectlCredentialMade: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description The org's slug. */
            org: string;
            /** @description What it is for; `null` if nobody said. */
            name: string | null;
            /** @description Of the member that it acts for. */
            email: string;
            /** @description What the cluster calls it. */
            sa_name: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends by itself; `null`: when it is revoked.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description When its token was issued: always `created_at`.
             */
            rotated_at: string;
            /**
             * Format: date-time
             * @description When its kubeconfig was shown, once: always `created_at`.
             */
            last_downloaded_at: string;
            /** @description A whole kubeconfig, for `KUBECONFIG` or `kubectl --kubeconfig`. In no other reply. */
            kubeconfig: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 8,
         *           "org": "acme",
         *           "name": "laptop",
         *           "email": "ada@example.com",
         *           "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
         *           "created_at": "2026-11-02T09:20:00.000Z",
         *           "expires_at": null,
         *           "rotated_at": "2026-11-02T09:20:00.000Z",
         *           "last_downloaded_at": "2026-11-02T09:20:00.000Z"
         *         }
         *       ]
         *     }
         */
        KubectlCredentialPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["KubectlCredential"][];
        };
        /**
         * @description A line that a container wrote, or a place where lines were lost.
         * @example {
         *       "type": "line",
         *       "cursor": "cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz",
         *       "at": "2026-11-02T09:30:00.123456789Z",
         *       "stream": "stdout",
         *       "instance": 1,
         *       "text": "listening on [::]:80",
         *       "cut": false
         *     }
         */
        LogRow: {
            /**
             * @description `line`: something that the process wrote. `gap`: lines were lost at this place. Of a gap, `cursor`, `at`, `stream` and `text` are `null`. The list may grow.
             * @enum {string}
             */
            type: "line" | "gap";
            /** @description Opaque; identifies the line for good. The cursor behind it, for `?cursor=` and `Last-Event-ID`. */
            cursor: string | null;
            /**
             * Format: date-time
             * @description When the engine received it, to the nanosecond if the engine knows it.
             */
            at: string | null;
            /**
             * @description Which stream it was written to.
             * @enum {string|null}
             */
            stream: "stdout" | "stderr" | null;
            /** @description Which start of the process wrote it, counted from 1 in the life of the container; `null` where it is not known. */
            instance: number | null;
            /** @description The line without its line feed, at most 64 KiB. What is not UTF-8 is replaced; carriage returns are kept. */
            text: string | null;
            /** @description The line was longer than 64 KiB, and goes on in the next row of its stream. */
            cut: boolean;
            /**
             * Format: int64
             * @description Of a gap: how many lines were lost; `null` where it is not known.
             */
            lost_lines?: number | null;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "type": "line",
         *           "cursor": "cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz",
         *           "at": "2026-11-02T09:30:00.123456789Z",
         *           "stream": "stdout",
         *           "instance": 1,
         *           "text": "listening on [::]:80",
         *           "cut": false
         *         }
         *       ]
         *     }
         */
        LogRowPage: {
            /**
             * Format: uri
             * @description URL of the next page, newer objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, older objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, oldest first. */
            results: components["schemas"]["LogRow"][];
        };
        /**
         * @description A person in an org.
         * @example {
         *       "id": 12,
         *       "org": "acme",
         *       "user_id": 7,
         *       "email": "grace@example.com",
         *       "name": "Grace",
         *       "role": "member",
         *       "joined_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Member: {
            /**
             * Format: int64
             * @description Of the membership: someone who comes back has another one.
             */
            id: number;
            /** @description Slug of the org. */
            org: string;
            /**
             * Format: int64
             * @description Of the person, as in the `actor` of an event; the same in every org.
             */
            user_id: number;
            /** @description As the account has it. */
            email: string;
            /** @description What people call them. */
            name: string;
            /**
             * @description What they may do in the org.
             * @enum {string}
             */
            role: "owner" | "admin" | "member";
            /**
             * Format: date-time
             * @description Since when, in UTC.
             */
            joined_at: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 12,
         *           "org": "acme",
         *           "user_id": 7,
         *           "email": "grace@example.com",
         *           "name": "Grace",
         *           "role": "member",
         *           "joined_at": "2026-11-02T09:30:00.000Z"
         *         }
         *       ]
         *     }
         */
        MemberPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Member"][];
        };
        MemberUpdate: {
            /**
             * @description What they may do from now on.
             * @enum {string}
             */
            role: "owner" | "admin" | "member";
        };
        /**
         * @description An organisation: containers belong to it, and people are its members.
         * @example {
         *       "slug": "acme",
         *       "name": "Acme",
         *       "billing_email": "bills@acme.example",
         *       "status": "active",
         *       "billing_mode": "manual",
         *       "kubectl_enabled": false,
         *       "api_enabled": true,
         *       "role": "owner",
         *       "created_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Org: {
            /** @description DNS label, the key of the org. */
            slug: string;
            /** @description What people call it. */
            name: string;
            /** @description Where bills go; empty when none was given. */
            billing_email: string;
            /**
             * @description `suspended` by the operator: its containers are stopped; it can be read and things deleted from it, and other writes are 403.
             * @enum {string}
             */
            status: "active" | "suspended";
            /** @description How the org pays; set by the operator. */
            billing_mode: string;
            /** @description Whether kubectl credentials can be made. */
            kubectl_enabled: boolean;
            /** @description Whether tokens may use the API for this org. */
            api_enabled: boolean;
            /**
             * @description The caller's role in it.
             * @enum {string}
             */
            role: "owner" | "admin" | "member";
            /**
             * Format: date-time
             * @description When it was created, in UTC.
             */
            created_at: string;
        };
        OrgCreate: {
            /** @description DNS label, the key of the org. It can never be changed, nor given out again. */
            slug: string;
            /** @description What people call it. */
            name: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "slug": "acme",
         *           "name": "Acme",
         *           "billing_email": "bills@acme.example",
         *           "status": "active",
         *           "billing_mode": "manual",
         *           "kubectl_enabled": false,
         *           "api_enabled": true,
         *           "role": "owner",
         *           "created_at": "2026-11-02T09:30:00.000Z"
         *         }
         *       ]
         *     }
         */
        OrgPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Org"][];
        };
        OrgUpdate: {
            /** @description What people call it. */
            name?: string;
            /** @description Where bills go; empty for nowhere. */
            billing_email?: "" | string;
            /** @description Whether kubectl credentials can be made. Owners only. */
            kubectl_enabled?: boolean;
            /** @description Whether tokens may use the API for this org; the panel still may. Owners only. */
            api_enabled?: boolean;
        };
        /**
         * @description What an org uses of its plan's limits.
         * @example {
         *       "containers": {
         *         "limit": 5,
         *         "current": 2
         *       },
         *       "volume_gb": {
         *         "limit": 50,
         *         "current": 0
         *       }
         *     }
         */
        OrgUsage: {
            /** @description Containers that are not deleted. */
            containers: {
                /** @description The plan's limit. */
                limit: number;
                /** @description In use. */
                current: number;
            };
            /** @description Size of all volumes together, in GB. */
            volume_gb: {
                /** @description The plan's limit. */
                limit: number;
                /** @description In use. */
                current: number;
            };
        };
        /**
         * @description A credential that the org's images are pulled with.
         * @example {
         *       "id": 3,
         *       "org": "acme",
         *       "host": "registry.example.com",
         *       "path_prefix": "team",
         *       "username": "deploy",
         *       "secret_fingerprint": "5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c",
         *       "created_at": "2026-11-02T09:20:00.000Z"
         *     }
         */
        Registry: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description The org's slug. */
            org: string;
            /**
             * @description The registry's host, as in an image reference, with its port if that names one: `ghcr.io`, `registry.example.com:5000`; `docker.io` for Docker Hub.
             * @example registry.example.com
             */
            host: string;
            /**
             * @description Only for images whose path begins with this, in whole parts: `team` is for `team/app`, and not for `teams/app`. Empty: for all. The credential with the longest prefix is used.
             * @example team
             */
            path_prefix: string;
            /**
             * @description Who signs in to the registry.
             * @example deploy
             */
            username: string;
            /** @description The same for the same secret in the same org, so that you can tell which secret is stored. The secret can not be found from it. */
            secret_fingerprint: string;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
        };
        /** @description A credential for a private registry. It can be deleted, and not changed. */
        RegistryCreate: {
            /**
             * @description The registry's host, as in an image reference, with its port if that names one: `ghcr.io`, `registry.example.com:5000`; `docker.io` for Docker Hub.
             * @example registry.example.com
             */
            host: string;
            /**
             * @description Only for images whose path begins with this, in whole parts: `team` is for `team/app`, and not for `teams/app`. Empty: for all. The credential with the longest prefix is used.
             * @example team
             */
            path_prefix?: string;
            /**
             * @description Who signs in to the registry.
             * @example deploy
             */
            username: string;
            /**
             * @description The password or access token. It can not be read back.
             * @example a password or an access token
             */
            secret: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 3,
         *           "org": "acme",
         *           "host": "registry.example.com",
         *           "path_prefix": "team",
         *           "username": "deploy",
         *           "secret_fingerprint": "5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c",
         *           "created_at": "2026-11-02T09:20:00.000Z"
         *         }
         *       ]
         *     }
         */
        RegistryPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Registry"][];
        };
        /**
         * @description A place for data that outlives containers. At most one container mounts it.
         * @example {
         *       "id": 5,
         *       "org": "acme",
         *       "name": "data",
         *       "size_gb": 10,
         *       "status": "bound",
         *       "status_reason": null,
         *       "status_message": null,
         *       "storage_class": "docker-loop",
         *       "size_enforced": true,
         *       "used_bytes": 52428800,
         *       "container": 17,
         *       "mount_path": "/var/lib/data",
         *       "created_at": "2026-11-02T09:20:00.000Z",
         *       "updated_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Volume: {
            /**
             * Format: int64
             * @description Never reused.
             */
            id: number;
            /** @description The org's slug. */
            org: string;
            /**
             * @description DNS label, unique among the org's volumes. Fixed once created.
             * @example data
             */
            name: string;
            /**
             * @description Size in GB. Fixed once created.
             * @example 10
             */
            size_gb: number;
            /**
             * @description `pending`, then `provisioning`, until the engine has made it: `bound`. `failed` with a reason: it could not be made and is tried again, or `data_lost`.
             * @enum {string}
             */
            status: "pending" | "provisioning" | "bound" | "failed";
            /** @description For programs, e.g. `unschedulable`, `engine_error`, `data_lost`; the list may grow. */
            status_reason: string | null;
            /** @description A sentence for people. */
            status_message: string | null;
            /**
             * @description How it is stored. Final once created.
             * @example docker-loop
             */
            storage_class: string;
            /** @description Whether the host keeps it from growing past its size. Final once created. */
            size_enforced: boolean;
            /**
             * Format: int64
             * @description Bytes of data in it, measured every few minutes; `null` until then, and where it is not known.
             */
            used_bytes: number | null;
            /**
             * Format: int64
             * @description The id of the container that mounts it.
             */
            container: number | null;
            /** @description Where it is mounted in that container. */
            mount_path: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last mounted or unmounted, else when it was created.
             */
            updated_at: string;
        };
        /** @description What a new volume should be. It can be deleted, and not changed. */
        VolumeCreate: {
            /**
             * @description DNS label, unique among the org's volumes. Fixed once created.
             * @example data
             */
            name: string;
            /**
             * @description Size in GB. Fixed once created.
             * @example 10
             */
            size_gb: number;
        };
        /** @description Where a volume appears inside the container. */
        VolumeMount: {
            /**
             * Format: int64
             * @description The volume's id.
             */
            volume: number;
            /**
             * @description Absolute path inside the container.
             * @example /var/lib/data
             */
            mount_path: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "id": 5,
         *           "org": "acme",
         *           "name": "data",
         *           "size_gb": 10,
         *           "status": "bound",
         *           "status_reason": null,
         *           "status_message": null,
         *           "storage_class": "docker-loop",
         *           "size_enforced": true,
         *           "used_bytes": 52428800,
         *           "container": 17,
         *           "mount_path": "/var/lib/data",
         *           "created_at": "2026-11-02T09:20:00.000Z",
         *           "updated_at": "2026-11-02T09:30:00.000Z"
         *         }
         *       ]
         *     }
         */
        VolumePage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Volume"][];
        };
        /**
         * @description The token of the request, and the person whom it belongs to.
         * @example {
         *       "public_id": "4fQz8Lm2Xc7B",
         *       "user": {
         *         "id": 3,
         *         "email": "ada@example.com",
         *         "name": "Ada"
         *       },
         *       "org": "acme",
         *       "scope": "write",
         *       "expires_at": null
         *     }
         */
        Whoami: {
            /** @description The token's public id, as lists of tokens show it. */
            public_id: string;
            /** @description The person whom the token belongs to. */
            user: {
                /**
                 * Format: int64
                 * @description Their id, as events name it.
                 */
                id: number;
                /** @description The address that they sign in with. */
                email: string;
                /** @description Their name; may be empty. */
                name: string;
            };
            /** @description Slug of the org that the token is restricted to; `null` if it is to none. */
            org: string | null;
            /**
             * @description What the token may do at most.
             * @enum {string}
             */
            scope: "read" | "write";
            /**
             * Format: date-time
             * @description When the token expires; `null`: never.
             */
            expires_at: string | null;
        };
        /**
         * @description What somebody runs in the org's namespace with kubectl.
         * @example {
         *       "kind": "Pod",
         *       "name": "web-5d9c7b8f6-x2x7k",
         *       "owner": {
         *         "kind": "Deployment",
         *         "name": "web"
         *       },
         *       "uses": {
         *         "containers": 1,
         *         "memory_bytes": 134217728,
         *         "volume_gb": 0,
         *         "addresses": 0
         *       },
         *       "created_at": "2026-11-02T09:20:00.000Z"
         *     }
         */
        Workload: {
            /** @description As Kubernetes calls it: `Pod`, `PersistentVolumeClaim`, `Service`. */
            kind: string;
            /** @description Unique among those of its kind. */
            name: string;
            /** @description What created it and keeps it; `null`: a person did. */
            owner: {
                /** @description Such as `Deployment`, `StatefulSet` or `Job`. */
                kind: string;
                /** @description Its name. */
                name: string;
            } | null;
            /** @description What it has of the org's limits. */
            uses: {
                /**
                 * Format: int64
                 * @description Of the plan's containers: 1 for a pod, 0 for one that has ended.
                 */
                containers: number;
                /**
                 * Format: int64
                 * @description The most that it may use. All pods together, the panel's too, may have 1 GiB for each of the plan's containers.
                 */
                memory_bytes: number;
                /** @description Of the plan's GB of volumes. */
                volume_gb: number;
                /**
                 * Format: int64
                 * @description IPv6 addresses of its own.
                 */
                addresses: number;
            };
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
        };
        /**
         * @description One page of a list.
         * @example {
         *       "next": null,
         *       "previous": null,
         *       "results": [
         *         {
         *           "kind": "Pod",
         *           "name": "web-5d9c7b8f6-x2x7k",
         *           "owner": {
         *             "kind": "Deployment",
         *             "name": "web"
         *           },
         *           "uses": {
         *             "containers": 1,
         *             "memory_bytes": 134217728,
         *             "volume_gb": 0,
         *             "addresses": 0
         *           },
         *           "created_at": "2026-11-02T09:20:00.000Z"
         *         }
         *       ]
         *     }
         */
        WorkloadPage: {
            /**
             * Format: uri
             * @description URL of the next page, older objects; `null` on the last one.
             */
            next: string | null;
            /**
             * Format: uri
             * @description URL of the page before, newer objects; `null` on the first one.
             */
            previous: string | null;
            /** @description At most `limit` objects, newest first. */
            results: components["schemas"]["Workload"][];
        };
        /** @description Every error reply has this form. */
        Error: {
            error: {
                /**
                 * @description What went wrong, for programs. The list may grow: treat a code that you do not know by its status. So far: `authentication_failed`, `permission_denied`, `not_found`, `validation_error`, `org_required`, `quota_exceeded`, `conflict`, `rate_limited`, `api_disabled`, `kubectl_disabled`, `method_not_allowed`, `payload_too_large`, `unsupported_media_type`, `precondition_failed`, `cursor_expired`, `idempotency_mismatch`, `idempotency_in_progress`, `reauthentication_required`, `internal_error`, `service_unavailable`.
                 * @example not_found
                 */
                code: string;
                /** @description One sentence for people: what went wrong and what to do. */
                message: string;
                /** @description More for programs, `{}` if there is none: `fields` (faults by path) of `validation_error`; `orgs` of `org_required`; `resource`, `limit` and `current` of `quota_exceeded`; `required_role` or `required_scope` of `permission_denied`; `retry_after` (seconds) of `rate_limited`. */
                detail: {
                    [key: string]: unknown;
                };
            };
        };
    };
    responses: {
        /** @description The object still has the `ETag` in `If-None-Match`. */
        NotModified: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The request is not valid; `detail` says where. */
        BadRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The token is missing, mistyped, revoked or expired, or its account is disabled. */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description You may not do this, or not with this token. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description There is no such object, or you have no access to it: the two look the same. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The path does not support this method. */
        MethodNotAllowed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The state of the object, or another request, prevents this. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The cursor is too old; continue from `detail.oldest`. */
        Gone: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The object has changed since the ETag in `If-Match`. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body is larger than 1 MiB, or the headers are too large. */
        ContentTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body was not sent as JSON. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The Idempotency-Key was used for another request. */
        UnprocessableContent: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The rate limit is used up. */
        TooManyRequests: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description An error on our side. */
        InternalServerError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The request was not executed. Try again in a moment. */
        ServiceUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        /**
         * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
         * @example acme
         */
        OrgHeader: string;
        /**
         * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
         * @example acme
         */
        OrgQuery: string;
        /**
         * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
         * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
         */
        IdempotencyKey: string;
        /**
         * @description Do it only if nobody changed the object since this `ETag`.
         * @example "1.4"
         */
        IfMatch: string;
        /**
         * @description Answer 304 if the object still has this `ETag`.
         * @example "1.4"
         */
        IfNoneMatch: string;
        /**
         * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
         * @example wait=30
         */
        PreferWait: string;
        /**
         * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
         * @example deploy-42
         */
        RequestId: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Names this request in our logs; the one that you sent, if it was valid.
         * @example 0b7e4c1e-3f0a-4a52-9d5c-6f1f0d6a2a11
         */
        "X-Request-Id": string;
        /**
         * @description The one org that the request acted in.
         * @example acme
         */
        "X-Dollarbox-Org": string;
        /**
         * @description What is allowed: `q` requests in `w` seconds.
         * @example "default";q=600;w=60
         */
        "RateLimit-Policy": string;
        /**
         * @description What is left: `r` requests, for `t` seconds.
         * @example "default";r=597;t=42
         */
        RateLimit: string;
        /**
         * @description The version of the object: `"<generation>.<revision>"`. Treat it as opaque.
         * @example "1.4"
         */
        ETag: string;
        /**
         * @description Where the new object is.
         * @example https://dollarbox.example/api/v1/containers/17/
         */
        Location: string;
        /** @description Present if this repeats an earlier reply. */
        "Idempotency-Replayed": "true";
        /**
         * @description Present if the reply waited, as `Prefer` asked.
         * @example wait=30
         */
        "Preference-Applied": string;
        /**
         * @description Seconds to wait before the next try.
         * @example 2
         */
        "Retry-After": number;
        /**
         * @description How to authenticate (RFC 9110, section 11.6.1).
         * @example Bearer
         */
        "WWW-Authenticate": string;
        /**
         * @description The methods that the path supports.
         * @example GET, HEAD, POST
         */
        Allow: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    containerList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Only containers of this name. */
                name?: string;
                /** @description Only containers of this status. */
                status?: "pending" | "running" | "failed" | "stopped";
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of containers. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 17,
                     *           "org": "acme",
                     *           "name": "web",
                     *           "image": "nginx:1.27",
                     *           "env": {
                     *             "LOG_LEVEL": "info"
                     *           },
                     *           "command": [],
                     *           "ports": [
                     *             80
                     *           ],
                     *           "volumes": [],
                     *           "pull_policy": "if_not_present",
                     *           "stop_grace_seconds": 10,
                     *           "init": false,
                     *           "status": "running",
                     *           "status_reason": null,
                     *           "status_message": null,
                     *           "status_since": "2026-11-02T09:30:02.000Z",
                     *           "desired_status": "running",
                     *           "restarting": false,
                     *           "next_retry_at": null,
                     *           "warnings": [],
                     *           "restart_count": 0,
                     *           "ipv6_address": "fd12:3456:789a:1::11",
                     *           "generation": 1,
                     *           "observed_generation": 1,
                     *           "created_at": "2026-11-02T09:30:00.000Z",
                     *           "updated_at": "2026-11-02T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ContainerPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerCreate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "web",
                 *       "image": "nginx:1.27"
                 *     }
                 */
                "application/json": components["schemas"]["ContainerCreate"];
            };
        };
        responses: {
            /** @description The new container. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.27",
                     *       "env": {},
                     *       "command": [],
                     *       "ports": [],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "pending",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:00.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 1,
                     *       "observed_generation": 0,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The container. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.27",
                     *       "env": {
                     *         "LOG_LEVEL": "info"
                     *       },
                     *       "command": [],
                     *       "ports": [
                     *         80
                     *       ],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:02.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 1,
                     *       "observed_generation": 1,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerUpdate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "image": "nginx:1.28"
                 *     }
                 */
                "application/json": components["schemas"]["ContainerUpdate"];
            };
        };
        responses: {
            /** @description The container. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.28",
                     *       "env": {
                     *         "LOG_LEVEL": "info"
                     *       },
                     *       "command": [],
                     *       "ports": [
                     *         80
                     *       ],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:02.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 2,
                     *       "observed_generation": 1,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T10:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerStop: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The container. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.27",
                     *       "env": {
                     *         "LOG_LEVEL": "info"
                     *       },
                     *       "command": [],
                     *       "ports": [
                     *         80
                     *       ],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:02.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 1,
                     *       "observed_generation": 1,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerStart: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The container. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.27",
                     *       "env": {
                     *         "LOG_LEVEL": "info"
                     *       },
                     *       "command": [],
                     *       "ports": [
                     *         80
                     *       ],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:02.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 1,
                     *       "observed_generation": 1,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerRestart: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "pull": true
                 *     }
                 */
                "application/json": components["schemas"]["ContainerRestart"];
            };
        };
        responses: {
            /** @description The container. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 17,
                     *       "org": "acme",
                     *       "name": "web",
                     *       "image": "nginx:1.27",
                     *       "env": {
                     *         "LOG_LEVEL": "info"
                     *       },
                     *       "command": [],
                     *       "ports": [
                     *         80
                     *       ],
                     *       "volumes": [],
                     *       "pull_policy": "if_not_present",
                     *       "stop_grace_seconds": 10,
                     *       "init": false,
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "status_since": "2026-11-02T09:30:02.000Z",
                     *       "desired_status": "running",
                     *       "restarting": false,
                     *       "next_retry_at": null,
                     *       "warnings": [],
                     *       "restart_count": 0,
                     *       "ipv6_address": "fd12:3456:789a:1::11",
                     *       "generation": 1,
                     *       "observed_generation": 1,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Container"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerLogList: {
        parameters: {
            query?: {
                /**
                 * @description Without `cursor`: how many of the last lines, 0 to 1000; 200 if not given. More acts as 1000. A stream begins with them.
                 * @example 200
                 */
                tail?: number;
                /**
                 * @description With `cursor`: the size of the page, 1 to 1000; 200 if not given. More acts as 1000.
                 * @example 200
                 */
                limit?: number;
                /**
                 * @description Start behind this line: its `cursor`. `previous` has one that leads to the lines before.
                 * @example cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz
                 */
                cursor?: string;
                /**
                 * @description Only lines written then or later.
                 * @example 2026-11-02T09:30:00Z
                 */
                since?: string;
                /**
                 * @description Only lines written before then.
                 * @example 2026-11-02T09:30:00Z
                 */
                until?: string;
                /** @description Only lines of this stream. */
                stream?: "stdout" | "stderr";
                /**
                 * @description Only lines that contain this text, as it is written.
                 * @example error
                 */
                contains?: string;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log, or a stream. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "type": "line",
                     *           "cursor": "cD0xLm8yMDI2MTEwMjA5MzAwMDEyMzQ1Njc4OS4wLjFrMnoz",
                     *           "at": "2026-11-02T09:30:00.123456789Z",
                     *           "stream": "stdout",
                     *           "instance": 1,
                     *           "text": "listening on [::]:80",
                     *           "cut": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LogRowPage"];
                    "text/event-stream": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    containerStatsRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "observed_at": "2026-11-02T09:30:00.000Z",
                     *       "memory_bytes": 18350080,
                     *       "memory_limit_bytes": 1073741824,
                     *       "cpu_seconds": 3.25,
                     *       "network_received_bytes": 80123,
                     *       "network_sent_bytes": 612004,
                     *       "processes": 3,
                     *       "disk_bytes": 4096,
                     *       "volume_bytes": 52428800
                     *     }
                     */
                    "application/json": components["schemas"]["ContainerStats"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    volumeList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Only volumes of this name. */
                name?: string;
                /** @description Only volumes of this status. */
                status?: "pending" | "provisioning" | "bound" | "failed";
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of volumes. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 5,
                     *           "org": "acme",
                     *           "name": "data",
                     *           "size_gb": 10,
                     *           "status": "bound",
                     *           "status_reason": null,
                     *           "status_message": null,
                     *           "storage_class": "docker-loop",
                     *           "size_enforced": true,
                     *           "used_bytes": 52428800,
                     *           "container": 17,
                     *           "mount_path": "/var/lib/data",
                     *           "created_at": "2026-11-02T09:20:00.000Z",
                     *           "updated_at": "2026-11-02T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["VolumePage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    volumeCreate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "data",
                 *       "size_gb": 10
                 *     }
                 */
                "application/json": components["schemas"]["VolumeCreate"];
            };
        };
        responses: {
            /** @description The new volume. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 5,
                     *       "org": "acme",
                     *       "name": "data",
                     *       "size_gb": 10,
                     *       "status": "pending",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "storage_class": "docker-loop",
                     *       "size_enforced": true,
                     *       "used_bytes": null,
                     *       "container": null,
                     *       "mount_path": null,
                     *       "created_at": "2026-11-02T09:20:00.000Z",
                     *       "updated_at": "2026-11-02T09:20:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Volume"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    volumeRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description `wait=N` (RFC 7240), 1 to 60 seconds: the reply comes when the object has settled, or after N seconds as it is then, with `Preference-Applied`. A GET with `If-None-Match` waits for a change instead. Without that header, the reply was not waited for: more than 20 waits of one token or 100 of one org are answered at once, and a server that stops answers before the time.
                 * @example wait=30
                 */
                Prefer?: components["parameters"]["PreferWait"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The volume. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 5,
                     *       "org": "acme",
                     *       "name": "data",
                     *       "size_gb": 10,
                     *       "status": "bound",
                     *       "status_reason": null,
                     *       "status_message": null,
                     *       "storage_class": "docker-loop",
                     *       "size_enforced": true,
                     *       "used_bytes": 52428800,
                     *       "container": 17,
                     *       "mount_path": "/var/lib/data",
                     *       "created_at": "2026-11-02T09:20:00.000Z",
                     *       "updated_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Volume"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    volumeDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    eventList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Start behind this event: its `id`. Not given, a list starts at the oldest event that is kept, and a stream now.
                 * @example cD0xLjc4MS40Mg
                 */
                cursor?: string;
                /**
                 * @description Only events of objects of this kind, or of this one.
                 * @example container:12
                 */
                object?: string;
                /**
                 * @description Only the newest events, at most this many (more than 200 acts as 200), oldest first, on one page. Without `cursor`, and for lists only.
                 * @example 50
                 */
                tail?: number;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events, or a stream. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": "cD0xLjc4MS40Mg",
                     *           "at": "2026-11-02T09:30:00.000Z",
                     *           "type": "container.status_changed",
                     *           "object": {
                     *             "id": 17,
                     *             "org": "acme",
                     *             "name": "web",
                     *             "image": "nginx:1.27",
                     *             "status": "running"
                     *           },
                     *           "previous_attributes": {
                     *             "status": "pending"
                     *           },
                     *           "actor": null,
                     *           "request_id": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["EventPage"];
                    "text/event-stream": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `cursor_expired`: The cursor is too old; continue from `detail.oldest`. */
            410: components["responses"]["Gone"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    registryList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of credentials. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 3,
                     *           "org": "acme",
                     *           "host": "registry.example.com",
                     *           "path_prefix": "team",
                     *           "username": "deploy",
                     *           "secret_fingerprint": "5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c",
                     *           "created_at": "2026-11-02T09:20:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RegistryPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    registryCreate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "host": "registry.example.com",
                 *       "username": "deploy",
                 *       "secret": "an access token"
                 *     }
                 */
                "application/json": components["schemas"]["RegistryCreate"];
            };
        };
        responses: {
            /** @description The new credential. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 3,
                     *       "org": "acme",
                     *       "host": "registry.example.com",
                     *       "path_prefix": "team",
                     *       "username": "deploy",
                     *       "secret_fingerprint": "5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c",
                     *       "created_at": "2026-11-02T09:20:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Registry"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    registryRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 3,
                     *       "org": "acme",
                     *       "host": "registry.example.com",
                     *       "path_prefix": "team",
                     *       "username": "deploy",
                     *       "secret_fingerprint": "5f1c0a8d9b3e7c6a2f4d8e0b1a9c7d5e3f2b4a6c8d0e1f3a5b7c9d2e4f6a8b0c",
                     *       "created_at": "2026-11-02T09:20:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Registry"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    registryDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Only orgs of this name. */
                name?: string;
                /** @description Only orgs of this status. */
                status?: "active" | "suspended";
            };
            header?: {
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orgs. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "slug": "acme",
                     *           "name": "Acme",
                     *           "billing_email": "bills@acme.example",
                     *           "status": "active",
                     *           "billing_mode": "manual",
                     *           "kubectl_enabled": false,
                     *           "api_enabled": true,
                     *           "role": "owner",
                     *           "created_at": "2026-11-02T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["OrgPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgCreate: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "slug": "acme",
                 *       "name": "Acme"
                 *     }
                 */
                "application/json": components["schemas"]["OrgCreate"];
            };
        };
        responses: {
            /** @description The new org. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "acme",
                     *       "name": "Acme",
                     *       "billing_email": "bills@acme.example",
                     *       "status": "active",
                     *       "billing_mode": "manual",
                     *       "kubectl_enabled": false,
                     *       "api_enabled": true,
                     *       "role": "owner",
                     *       "created_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Org"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgRead: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The org's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The org. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "acme",
                     *       "name": "Acme",
                     *       "billing_email": "bills@acme.example",
                     *       "status": "active",
                     *       "billing_mode": "manual",
                     *       "kubectl_enabled": false,
                     *       "api_enabled": true,
                     *       "role": "owner",
                     *       "created_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Org"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgDelete: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The org's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The org is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgUpdate: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The org's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Acme Inc",
                 *       "billing_email": "bills@acme.example"
                 *     }
                 */
                "application/json": components["schemas"]["OrgUpdate"];
            };
        };
        responses: {
            /** @description The org. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "slug": "acme",
                     *       "name": "Acme",
                     *       "billing_email": "bills@acme.example",
                     *       "status": "active",
                     *       "billing_mode": "manual",
                     *       "kubectl_enabled": false,
                     *       "api_enabled": true,
                     *       "role": "owner",
                     *       "created_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Org"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgUsageRead: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The org's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Limits and use. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "containers": {
                     *         "limit": 5,
                     *         "current": 2
                     *       },
                     *       "volume_gb": {
                     *         "limit": 50,
                     *         "current": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["OrgUsage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    workloadList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Only workloads of this name. */
                name?: string;
            };
            header?: {
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The org's slug.
                 * @example acme
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of workloads. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "kind": "Pod",
                     *           "name": "web-5d9c7b8f6-x2x7k",
                     *           "owner": {
                     *             "kind": "Deployment",
                     *             "name": "web"
                     *           },
                     *           "uses": {
                     *             "containers": 1,
                     *             "memory_bytes": 134217728,
                     *             "volume_gb": 0,
                     *             "addresses": 0
                     *           },
                     *           "created_at": "2026-11-02T09:20:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WorkloadPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    memberList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Only members of this name. */
                name?: string;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of members. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 12,
                     *           "org": "acme",
                     *           "user_id": 7,
                     *           "email": "grace@example.com",
                     *           "name": "Grace",
                     *           "role": "member",
                     *           "joined_at": "2026-11-02T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["MemberPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    memberRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 12,
                     *       "org": "acme",
                     *       "user_id": 7,
                     *       "email": "grace@example.com",
                     *       "name": "Grace",
                     *       "role": "member",
                     *       "joined_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    memberDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are no longer in the org. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    memberUpdate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "admin"
                 *     }
                 */
                "application/json": components["schemas"]["MemberUpdate"];
            };
        };
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 12,
                     *       "org": "acme",
                     *       "user_id": 7,
                     *       "email": "grace@example.com",
                     *       "name": "Grace",
                     *       "role": "member",
                     *       "joined_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invitationList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of invitations. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 4,
                     *           "org": "acme",
                     *           "email": "grace@example.com",
                     *           "role": "member",
                     *           "accepted": false,
                     *           "expires_at": "2026-11-09T09:30:00.000Z",
                     *           "created_at": "2026-11-02T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invitationCreate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "grace@example.com",
                 *       "role": "member"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationCreate"];
            };
        };
        responses: {
            /** @description The invitation. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 4,
                     *       "org": "acme",
                     *       "email": "grace@example.com",
                     *       "role": "member",
                     *       "accepted": false,
                     *       "expires_at": "2026-11-09T09:30:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "accept_url": "https://panel.example/invitations/accept?token=uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationMade"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invitationRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 4,
                     *       "org": "acme",
                     *       "email": "grace@example.com",
                     *       "role": "member",
                     *       "accepted": false,
                     *       "expires_at": "2026-11-09T09:30:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invitationDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    invitationResend: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation with its new link. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 4,
                     *       "org": "acme",
                     *       "email": "grace@example.com",
                     *       "role": "member",
                     *       "accepted": false,
                     *       "expires_at": "2026-11-09T09:30:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "accept_url": "https://panel.example/invitations/accept?token=uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationMade"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `conflict`, `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    kubectlCredentialList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /** @description Also other members' credentials, for admins and owners. */
                all?: boolean;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of credentials. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 8,
                     *           "org": "acme",
                     *           "name": "laptop",
                     *           "email": "ada@example.com",
                     *           "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
                     *           "created_at": "2026-11-02T09:20:00.000Z",
                     *           "expires_at": null,
                     *           "rotated_at": "2026-11-02T09:20:00.000Z",
                     *           "last_downloaded_at": "2026-11-02T09:20:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["KubectlCredentialPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    kubectlCredentialCreate: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Makes the request safe to repeat: any text that is new with each new request, a UUID for instance.
                 * @example 4f2c5a0e-9d0b-4b52-8a63-2f2c1f4f7c11
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "laptop",
                 *       "expires_in": 3600
                 *     }
                 */
                "application/json": components["schemas"]["KubectlCredentialCreate"];
            };
        };
        responses: {
            /** @description The new credential, with its kubeconfig. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 8,
                     *       "org": "acme",
                     *       "name": "laptop",
                     *       "email": "ada@example.com",
                     *       "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
                     *       "created_at": "2026-11-02T09:20:00.000Z",
                     *       "expires_at": null,
                     *       "rotated_at": "2026-11-02T09:20:00.000Z",
                     *       "last_downloaded_at": "2026-11-02T09:20:00.000Z",
                     *       "kubeconfig": "apiVersion: v1\nkind: Config\nclusters: …"
                     *     }
                     */
                    "application/json": components["schemas"]["KubectlCredentialMade"];
                };
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`, `kubectl_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `idempotency_in_progress`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    kubectlCredentialRead: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Answer 304 if the object still has this `ETag`.
                 * @example "1.4"
                 */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credential. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 8,
                     *       "org": "acme",
                     *       "name": "laptop",
                     *       "email": "ada@example.com",
                     *       "sa_name": "kubectl-5f1c0a8d9b3e7c6a",
                     *       "created_at": "2026-11-02T09:20:00.000Z",
                     *       "expires_at": null,
                     *       "rotated_at": "2026-11-02T09:20:00.000Z",
                     *       "last_downloaded_at": "2026-11-02T09:20:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["KubectlCredential"];
                };
            };
            304: components["responses"]["NotModified"];
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    kubectlCredentialDelete: {
        parameters: {
            query?: {
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`, `org_required`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    auditList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200; default 50. A larger number acts as 200. A page of very large objects holds fewer.
                 * @example 50
                 */
                limit?: number;
                /**
                 * @description Where the page starts: take it from `next` or `previous`. Opaque.
                 * @example cD0y
                 */
                cursor?: string;
                /**
                 * @description Only what this person did (id or address), or the operator (`operator`).
                 * @example grace@example.com
                 */
                actor?: string;
                /**
                 * @description Only this action.
                 * @example container.update
                 */
                action?: string;
                /**
                 * @description Only objects of this kind, or this one.
                 * @example container:12
                 */
                object?: string;
                /**
                 * @description Only what was done then or later.
                 * @example 2026-11-02T09:30:00Z
                 */
                since?: string;
                /**
                 * @description Only what was done before then.
                 * @example 2026-11-02T09:30:00Z
                 */
                until?: string;
                /**
                 * @description The same as the header `X-Dollarbox-Org`; both and unequal: 400.
                 * @example acme
                 */
                org?: components["parameters"]["OrgQuery"];
            };
            header?: {
                /**
                 * @description The slug of the org to act in. Needed for a write if you are in several. Not consulted when the token is restricted to an org.
                 * @example acme
                 */
                "X-Dollarbox-Org"?: components["parameters"]["OrgHeader"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the log. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": 301,
                     *           "org": "acme",
                     *           "at": "2026-11-02T09:30:00.000Z",
                     *           "actor": {
                     *             "kind": "user",
                     *             "user_id": 7,
                     *             "email": "ada@example.com"
                     *           },
                     *           "token": {
                     *             "public_id": "4kT9aQzX2mNb",
                     *             "name": "deploy"
                     *           },
                     *           "session_id": null,
                     *           "ip_address": "192.0.2.7",
                     *           "request_id": "f1b2c3d4-5566-4788-99aa-bbccddeeff00",
                     *           "action": "container.update",
                     *           "object": {
                     *             "kind": "container",
                     *             "id": 12
                     *           },
                     *           "changes": {
                     *             "image": {
                     *               "old": "nginx:1.27",
                     *               "new": "nginx:1.28"
                     *             }
                     *           },
                     *           "detail": {}
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AuditEntryPage"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    whoamiRead: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "public_id": "4fQz8Lm2Xc7B",
                     *       "user": {
                     *         "id": 3,
                     *         "email": "ada@example.com",
                     *         "name": "Ada"
                     *       },
                     *       "org": "acme",
                     *       "scope": "write",
                     *       "expires_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Whoami"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    whoamiDelete: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Do it only if nobody changed the object since this `ETag`.
                 * @example "1.4"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
                /**
                 * @description A name of your own for this request: 1 to 128 letters, digits, `_`, `.`, `:` or `-`. Any other is replaced.
                 * @example deploy-42
                 */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Dollarbox-Org": components["headers"]["X-Dollarbox-Org"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `method_not_allowed`: The path does not support this method. */
            405: components["responses"]["MethodNotAllowed"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: An error on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: The request was not executed. Try again in a moment. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
