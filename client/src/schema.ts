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
         * @description The containers of one org, or of all your orgs when none is named, newest first.
         */
        get: operations["containerList"];
        put?: never;
        /**
         * Create a container
         * @description Returns at once with status `pending`; the image is pulled and the process started behind it. Read the container until its status settles.
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
         * @description One container, as it is just now.
         */
        get: operations["containerRead"];
        put?: never;
        post?: never;
        /**
         * Delete a container
         * @description From the reply on, the container is gone, its name and its place in the quota are free. The process is asked to end, and ended after ten seconds.
         */
        delete: operations["containerDelete"];
        options?: never;
        head?: never;
        /**
         * Update a container
         * @description A merge: an absent field is untouched, a present one is replaced whole, `env` and `volumes` too: a volume that is left out of the list is detached, with its data. The running version goes on until the new image is there, and the new volumes are free; the change is in effect when `observed_generation` equals `generation`. The name is fixed.
         */
        patch: operations["containerUpdate"];
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
         */
        get: operations["volumeList"];
        put?: never;
        /**
         * Create a volume
         * @description Returns at once with status `pending`; the volume is made behind it, empty. A container can name it at once, and starts when it is `bound`. Its size counts against the plan's limit.
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
         * @description One volume, as it is just now.
         */
        get: operations["volumeRead"];
        put?: never;
        post?: never;
        /**
         * Delete a volume and its data
         * @description Destroys the data: it can not be had back. From the reply on, the volume is gone, its name and its GB are free. Refused while a container mounts it: detach it there, or delete that container, first.
         */
        delete: operations["volumeDelete"];
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
         */
        get: operations["orgList"];
        put?: never;
        post?: never;
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
         */
        get: operations["orgRead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
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
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
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
         *       "status": "running",
         *       "status_reason": null,
         *       "status_message": null,
         *       "restart_count": 0,
         *       "ipv6_address": "fd12:3456:789a:1::11",
         *       "generation": 1,
         *       "observed_generation": 1,
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "updated_at": "2026-11-02T09:30:00.000Z"
         *     }
         */
        Container: {
            /** @description Never reused. */
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
             * @description `pending` until the engine has acted for the first time; `running` when the process runs; `failed` with a reason. Tells of the process, not of the roll-out of a change.
             * @enum {string}
             */
            status: "pending" | "running" | "failed" | "stopped";
            /** @description A machine word, e.g. `image_not_found`, `crash_loop`, `out_of_memory`; the list may grow. */
            status_reason: string | null;
            /** @description A sentence with the evidence: exit code, last log lines, pull error. */
            status_message: string | null;
            /** @description Restarts since the last change of the spec. */
            restart_count: number;
            /** @description The container's own address, for life. */
            ipv6_address: string | null;
            /** @description Moves with each change of the spec. */
            generation: number;
            /** @description The last generation that the engine runs: a change is in effect when it equals `generation`. */
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
        /** @description What a new container should be. Left out, `env` is `{}`, and `command`, `ports` and `volumes` are `[]`. */
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
         *           "status": "running",
         *           "status_reason": null,
         *           "status_message": null,
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
             * @description Whether the org may use the service.
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
            /** @description Never reused. */
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
            /** @description A machine word, e.g. `unschedulable`, `engine_error`, `data_lost`; the list may grow. */
            status_reason: string | null;
            /** @description A sentence that says more. */
            status_message: string | null;
            /**
             * @description How it is kept; `null` until it is made.
             * @example docker-loop
             */
            storage_class: string | null;
            /** @description Whether the host keeps it from growing past its size; `null` until it is made. */
            size_enforced: boolean | null;
            /** @description Bytes of data in it, measured every few minutes; `null` until then, and where it can not be told. */
            used_bytes: number | null;
            /** @description The id of the container that mounts it. */
            container: number | null;
            /** @description Where it is in that container. */
            mount_path: string | null;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last mounted or let go, else when it was created.
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
            /** @description The volume's id. */
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
        /** @description Every error reply has this form. */
        Error: {
            error: {
                /**
                 * @description What went wrong, for programs. The list may grow.
                 * @enum {string}
                 */
                code: "authentication_failed" | "permission_denied" | "not_found" | "validation_error" | "org_required" | "quota_exceeded" | "conflict" | "rate_limited" | "api_disabled" | "kubectl_disabled" | "method_not_allowed" | "payload_too_large" | "unsupported_media_type" | "precondition_failed" | "idempotency_mismatch" | "idempotency_in_progress" | "reauthentication_required" | "internal_error" | "service_unavailable";
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
        /** @description No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
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
        /** @description There is no such object, or none that you may know of: both look the same. */
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
        /** @description The path does not take this method. */
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
        /** @description Something is in the way. */
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
        /** @description A fault on our side. */
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
        /** @description It can be tried again in a moment: the request was not done. */
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
         * @description The version of the object: `"<generation>.<revision>"`. Take it as opaque.
         * @example "1.4"
         */
        ETag: string;
        /** @description Present when this is an earlier reply again. */
        "Idempotency-Replayed": "true";
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
         * @description The methods that the path takes.
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
                 * @description Page size, 1 to 200, 50 if not given. More acts as 200.
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
                     *           "status": "running",
                     *           "status_reason": null,
                     *           "status_message": null,
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
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
                     *       "status": "pending",
                     *       "status_reason": null,
                     *       "status_message": null,
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`, `idempotency_in_progress`: Something is in the way. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
                     *       "status": "running",
                     *       "status_reason": null,
                     *       "status_message": null,
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`: Something is in the way. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    volumeList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200, 50 if not given. More acts as 200.
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
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
                     *       "storage_class": null,
                     *       "size_enforced": null,
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `quota_exceeded`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`, `idempotency_in_progress`: Something is in the way. */
            409: components["responses"]["Conflict"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `idempotency_mismatch`: The Idempotency-Key was used for another request. */
            422: components["responses"]["UnprocessableContent"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`: Something is in the way. */
            409: components["responses"]["Conflict"];
            /** @description `precondition_failed`: The object has changed since the ETag in `If-Match`. */
            412: components["responses"]["PreconditionFailed"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `unsupported_media_type`: The body was not sent as JSON. */
            415: components["responses"]["UnsupportedMediaType"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    orgList: {
        parameters: {
            query?: {
                /**
                 * @description Page size, 1 to 200, 50 if not given. More acts as 200.
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
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
            /** @description `authentication_failed`: No good token was sent: missing, mistyped, revoked, expired, or of a disabled account. */
            401: components["responses"]["Unauthorized"];
            /** @description `api_disabled`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or none that you may know of: both look the same. */
            404: components["responses"]["NotFound"];
            /** @description `payload_too_large`: The body is larger than 1 MiB, or the headers are too large. */
            413: components["responses"]["ContentTooLarge"];
            /** @description `rate_limited`: The rate limit is used up. */
            429: components["responses"]["TooManyRequests"];
            /** @description `internal_error`: A fault on our side. */
            500: components["responses"]["InternalServerError"];
            /** @description `service_unavailable`: It can be tried again in a moment: the request was not done. */
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
