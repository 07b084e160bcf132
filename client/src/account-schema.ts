// Made from openapi-account.json by `npm run gen`: do not edit.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read your account
         * @description The person who is signed in, and their orgs.
         */
        get: operations["accountRead"];
        put?: never;
        post?: never;
        /**
         * Delete your account
         * @description Deletes the account for good, with its sessions, its API tokens, and those of its orgs that hold nothing and nobody else. Refused while you are the last owner of an org that holds anything else.
         */
        delete: operations["accountDelete"];
        options?: never;
        head?: never;
        /**
         * Change your name
         * @description Changes your name.
         */
        patch: operations["accountUpdate"];
        trace?: never;
    };
    "/setup/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read how the installation is set up
         * @description What pages need to know before anyone has signed in.
         */
        get: operations["setupRead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-up/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for an account
         * @description Sends a link to the address; the account is created when the link is opened. The answer is the same for an address that already has an account: its owner is notified by mail.
         */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verify-email/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm the address of a new account
         * @description Creates the account and its org, and signs in. In any browser other than the one that asked for the account, the password that was chosen for it must be sent too: a link alone does not prove who asked for it.
         */
        post: operations["emailVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verification-email/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the link of a sign-up again
         * @description Sends another link where someone has asked for an account with this address. The answer is the same for any address.
         */
        post: operations["verificationEmailSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a password
         * @description Starts a session; with a second factor, waits for its code first: five minutes and five tries. The answer is the same for a wrong password and for an address without an account.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/two-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in: the second factor
         * @description Starts the session with a code from the app, or a backup code. Each works once.
         */
        post: operations["signInTwoFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/passkey-options/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a passkey: options
         * @description What the browser needs to ask for a passkey.
         */
        post: operations["signInPasskeyOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in/passkey/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a passkey
         * @description Starts a session with the answer of the browser. It counts as both factors.
         */
        post: operations["signInPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-out/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out
         * @description Ends the session: it is refused from the next request on.
         */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-reset/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a link to set a new password
         * @description Sends a link to the account of this address. The answer is the same for any address.
         */
        post: operations["passwordResetSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-reset/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a new password by a link
         * @description Sets the password, and ends all sessions of the account. A second factor stays: signing in asks for it.
         */
        post: operations["passwordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description Changes the password, and ends all other sessions. API tokens stay valid.
         */
        post: operations["passwordChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/email/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your address
         * @description Sends a link to the new address, and a notice to the old one. The address changes when the link is opened. The answer is the same for an address that has an account.
         */
        post: operations["emailChangeSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/email/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm your new address
         * @description Changes the address of the account that the link was sent for.
         */
        post: operations["emailChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your sessions
         * @description The browsers that are signed in to your account, newest first.
         */
        get: operations["sessionList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session
         * @description Ends one session: it is refused from the next request on.
         */
        delete: operations["sessionDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/end-others/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End all other sessions
         * @description Ends every session but the one that asks.
         */
        post: operations["sessionEndOthers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/two-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start turning two-factor on
         * @description Creates a secret for the authenticator app. Nothing changes until a code from it is sent to `/two-factor/confirm/`.
         */
        post: operations["twoFactorBegin"];
        /**
         * Turn two-factor off
         * @description From now on a password is enough.
         */
        delete: operations["twoFactorDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/two-factor/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Turn two-factor on
         * @description Turns two-factor on with a code from the app, ends all other sessions, and shows the backup codes.
         */
        post: operations["twoFactorConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/two-factor/backup-codes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create new backup codes
         * @description Creates ten new codes; earlier ones no longer work.
         */
        post: operations["backupCodesCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/passkeys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your passkeys
         * @description The passkeys of your account, newest first.
         */
        get: operations["passkeyList"];
        put?: never;
        /**
         * Add a passkey
         * @description Adds the passkey that the browser created from options of the last five minutes.
         */
        post: operations["passkeyCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/passkeys/options/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a passkey: options
         * @description What the browser needs to create a passkey.
         */
        post: operations["passkeyOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/passkeys/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a passkey
         * @description The passkey no longer signs anyone in.
         */
        delete: operations["passkeyDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reauthentication/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm that it is you
         * @description Proves your identity again: with the password (and, with two-factor on, a code), or with a passkey. It counts for five minutes, and the session gets a new cookie.
         */
        post: operations["reauthenticate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reauthentication/passkey-options/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm with a passkey: options
         * @description What the browser needs to ask for one of your passkeys.
         */
        post: operations["reauthenticationPasskeyOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your API tokens
         * @description Your tokens that are not revoked, newest first, without their secrets.
         */
        get: operations["tokenList"];
        put?: never;
        /**
         * Create an API token
         * @description Creates a token, and shows it this once. With two-factor on, it needs a proof of identity from the last five minutes.
         */
        post: operations["tokenCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens/{public_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token
         * @description The token is refused from the next request on.
         */
        delete: operations["tokenDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to sign a program in by a code
         * @description For a program on a machine without a browser. It shows the code to the person, who types it at `verification_uri`, and meanwhile asks at `/client-logins/token/` whether they have approved.
         */
        post: operations["clientLoginBegin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/find/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find a sign-in by its code
         * @description Shows who asks for what. A wrong code counts against the sign-in that begins like it, and the fifth ends that.
         */
        post: operations["clientLoginFind"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/approve/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a sign-in by its code
         * @description Grants the program a token with these rights, which it collects itself. With two-factor on it asks for a proof of the last five minutes, as making a token does.
         */
        post: operations["clientLoginApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/refuse/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse a sign-in by its code
         * @description The program learns of it, and its code finds nothing any more.
         */
        post: operations["clientLoginRefuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/authorize/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a sign-in by a redirect
         * @description For a program that listens on a port of the same machine: grants it a token with these rights, and says where to send the browser with the code that collects it, good for ten minutes and once. With two-factor on it asks for a proof of the last five minutes, as making a token does.
         */
        post: operations["clientLoginAuthorize"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/client-logins/token/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Collect the token of a sign-in
         * @description With `device_code`, or with `code` and `code_verifier`. The token is generated now, and shown this once: afterwards, when ten minutes are over, when the verifier is wrong, or the session that approved it has ended, this is 404. Asking more often than the interval says is answered 429.
         */
        post: operations["clientLoginCollect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/show/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read what a link invites to
         * @description Who invited whom to which role in which org, and until when. Changes nothing: accepting is a request of its own. Whether the address has an account is not disclosed.
         */
        post: operations["invitationShow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/accept/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation
         * @description Makes you a member of the org. Your address must be the invited one; if it is not verified yet, a mail is sent instead, and its link verifies it.
         */
        post: operations["invitationAccept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/sign-up/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation with a new account
         * @description Creates an account with the invited address, and signs in. Where the link does not prove the address and mail is sent, the account is created by the link in a mail instead, and the answer is the same whether or not the address has an account.
         */
        post: operations["invitationSignUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schema/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this document
         * @description The OpenAPI document of these routes. They may change: scripts use `/api/v1`.
         */
        get: operations["accountSchemaRead"];
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
         * @description The person who is signed in.
         * @example {
         *       "id": 7,
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "email_verified": true,
         *       "two_factor_enabled": false,
         *       "reauthenticated_until": "2026-11-02T09:35:00.000Z",
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "orgs": [
         *         {
         *           "slug": "acme",
         *           "name": "Acme",
         *           "role": "owner"
         *         }
         *       ]
         *     }
         */
        Account: {
            /**
             * Format: int64
             * @description Never changes, never reused.
             */
            id: number;
            /** @description What the person signs in with. */
            email: string;
            /** @description What people call them. */
            name: string;
            /** @description Whether the address is verified. It is not if an invitation was accepted on an installation that sends no mail: whoever verifies the address by mail then gets it. */
            email_verified: boolean;
            /** @description Whether signing in needs a second factor. */
            two_factor_enabled: boolean;
            /**
             * Format: date-time
             * @description Until when the last proof of identity counts; null if it no longer does.
             */
            reauthenticated_until: string | null;
            /**
             * Format: date-time
             * @description When the account was created, in UTC.
             */
            created_at: string;
            /** @description The orgs that the person is in, by slug. */
            orgs: {
                /** @description The key of the org. */
                slug: string;
                /** @description What people call it. */
                name: string;
                /**
                 * @description The person's role in it.
                 * @enum {string}
                 */
                role: "owner" | "admin" | "member";
            }[];
        };
        AccountUpdate: {
            /** @description Your name. */
            name: string;
        };
        /**
         * @description Codes for people who have lost the app.
         * @example {
         *       "backup_codes": [
         *         "4k7qm-x2v9r",
         *         "8wd3n-tb6hc"
         *       ]
         *     }
         */
        BackupCodes: {
            /** @description Each works once, in place of a code from the app. Shown only now. */
            backup_codes: string[];
        };
        ClientCodeEntry: {
            /** @description The code that the program shows, in any case, with or without dashes. */
            user_code: string;
        };
        /**
         * @description A sign-in that waits for a person (RFC 8628, section 3.2).
         * @example {
         *       "device_code": "0123456789abcdefghijABCDEFGHIJ0123456789abc",
         *       "user_code": "BCDF-GHJK-LMNP",
         *       "verification_uri": "https://box.example/device",
         *       "verification_uri_complete": "https://box.example/device?code=BCDF-GHJK-LMNP",
         *       "expires_in": 600,
         *       "interval": 5
         *     }
         */
        ClientLogin: {
            /** @description The secret that collects the token. */
            device_code: string;
            /** @description What the person types: twelve consonants, 51 bits. Five wrong entries end it. */
            user_code: string;
            /** @description Where they type it. */
            verification_uri: string;
            /** @description The same, with the code filled in. */
            verification_uri_complete: string;
            /** @description Seconds until it is over. */
            expires_in: number;
            /** @description Seconds to wait between two questions. */
            interval: number;
        };
        ClientLoginApprove: {
            /** @description The code that the program shows, in any case, with or without dashes. */
            user_code: string;
            /**
             * @description What it may do: `read` (GET and HEAD), or `write`.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; all of yours if not given. */
            org?: string | null;
            /** @description When it expires (RFC 3339); never if not given. */
            expires_at?: string | null;
        };
        ClientLoginAuthorize: {
            /** @description What the person knows the program by; the name of the token. */
            client: string;
            /** @description Where the program listens: on a port of its own machine. */
            redirect_uri: string;
            /** @description Comes back in the redirect, so that the program knows its own. */
            state: string;
            /** @description The digest of the verifier that collects the token: S256 of RFC 7636. */
            code_challenge: string;
            /**
             * @description What it may do: `read` (GET and HEAD), or `write`.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; all of yours if not given. */
            org?: string | null;
            /** @description When it expires (RFC 3339); never if not given. */
            expires_at?: string | null;
        };
        ClientLoginBegin: {
            /** @description What the person knows the program by; the name of the token. */
            client: string;
            /**
             * @description What it may do: `read` (GET and HEAD), or `write`.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; all of yours if not given. */
            org?: string | null;
        };
        ClientLoginCollect: {
            device_code?: string;
            code?: string;
            /** @description With `code`: the verifier whose digest was sent (RFC 7636). */
            code_verifier?: string;
        };
        /**
         * @description The way back to the program, with a code for it.
         * @example {
         *       "redirect_to": "http://127.0.0.1:50123/callback?code=0123&state=abc"
         *     }
         */
        ClientLoginRedirect: {
            /** @description Where to send the browser. */
            redirect_to: string;
        };
        /**
         * @description What has become of a sign-in.
         * @example {
         *       "status": "pending",
         *       "token": null
         *     }
         */
        ClientLoginResult: {
            /**
             * @description `pending`: ask again after the interval.
             * @enum {string}
             */
            status: "pending" | "refused" | "granted";
            /** @description When it is granted: the token, generated just now. */
            token: components["schemas"]["NewToken"] | null;
        };
        /**
         * @description A sign-in that waits for a person.
         * @example {
         *       "client": "dollarbox on laptop",
         *       "ip_address": "192.0.2.7",
         *       "scope": "write",
         *       "org": null,
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "expires_at": "2026-11-02T09:40:00.000Z"
         *     }
         */
        ClientLoginShown: {
            /** @description What the program calls itself. */
            client: string;
            /** @description The address that it asked from. */
            ip_address: string;
            /**
             * @description What it asks to do.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the org that it asks to act in; null for all of yours. */
            org: string | null;
            /**
             * Format: date-time
             * @description When it asked, in UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Until when it can be approved, in UTC.
             */
            expires_at: string;
        };
        Code: {
            /** @description Six digits from the authenticator app, or a backup code. */
            code: string;
        };
        EmailChange: {
            /** @description The new address. */
            email: string;
            /** @description The account's password. */
            password: string;
        };
        EmailVerify: {
            /** @description The `token` of the link in the mail. */
            token: string;
            /** @description The password of the sign-up: needed in any browser other than the one that signed up. */
            password?: string;
        };
        /**
         * @description The org that was joined.
         * @example {
         *       "org": "acme",
         *       "mail_sent": false
         *     }
         */
        InvitationAccepted: {
            /** @description Slug of the org. */
            org: string;
            /** @description True if nothing has been accepted yet: the link in a mail does that. */
            mail_sent: boolean;
        };
        InvitationLink: {
            /** @description The `token` of the link. */
            token: string;
        };
        /**
         * @description What a link invites to.
         * @example {
         *       "state": "open",
         *       "org": {
         *         "slug": "acme",
         *         "name": "Acme"
         *       },
         *       "email": "grace@example.com",
         *       "role": "member",
         *       "inviter": {
         *         "email": "ada@example.com",
         *         "name": "Ada"
         *       },
         *       "expires_at": "2026-11-09T09:30:00.000Z",
         *       "sign_up": true,
         *       "proof": "none"
         *     }
         */
        InvitationShown: {
            /**
             * @description Whether it can be accepted, or why not.
             * @enum {string}
             */
            state: "open" | "accepted" | "revoked" | "expired";
            /** @description The org that it invites to. */
            org: {
                /** @description The key of the org. */
                slug: string;
                /** @description What people call it. */
                name: string;
            };
            /** @description The person whom it invites. */
            email: string;
            /**
             * @description The role that they get.
             * @enum {string}
             */
            role: "admin" | "member";
            /** @description Who invites; null for the operator, and for an account that was deleted. */
            inviter: {
                /** @description Their address. */
                email: string;
                /** @description What people call them. */
                name: string;
            } | null;
            /**
             * Format: date-time
             * @description Until when it can be accepted, in UTC.
             */
            expires_at: string;
            /** @description Whether a new account can accept it. */
            sign_up: boolean;
            /**
             * @description Whether a new account first gets a mail that proves its address.
             * @enum {string}
             */
            proof: "none" | "mail";
        };
        InvitationSignUp: {
            /** @description The `token` of the link. */
            token: string;
            /** @description Your name. */
            name: string;
            /** @description At least 12 characters, and hard to guess. */
            password: string;
        };
        LinkToken: {
            /** @description The `token` of the link in the mail. */
            token: string;
        };
        MailRequest: {
            /** @description The address of the account. */
            email: string;
        };
        /**
         * @description An API token that was just created.
         * @example {
         *       "token": "dbx_4kT9aQzX2mNb_0123456789abcdefghijABCDEFGHIJ0123456789",
         *       "id": 31,
         *       "public_id": "4kT9aQzX2mNb",
         *       "name": "deploy",
         *       "scope": "write",
         *       "org": "acme",
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "expires_at": null,
         *       "last_used_at": null
         *     }
         */
        NewToken: {
            /** @description The token itself: shown only now. */
            token: string;
            /**
             * Format: int64
             * @description As in the `actor` of an event.
             */
            id: number;
            /** @description How the token is named in lists; no secret. */
            public_id: string;
            /** @description What it is for. */
            name: string;
            /**
             * @description What it may do.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; null for all of its owner. */
            org: string | null;
            /**
             * Format: date-time
             * @description When it was created, in UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it expires; null for never.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description When it was last used, to within some minutes; null for never.
             */
            last_used_at: string | null;
        };
        /**
         * @description It was done; the reply has no content.
         * @example {}
         */
        Nothing: Record<string, never>;
        /**
         * @description A passkey of the account.
         * @example {
         *       "id": 2,
         *       "name": "Laptop",
         *       "created_at": "2026-11-02T09:40:00.000Z",
         *       "last_used_at": null
         *     }
         */
        Passkey: {
            /**
             * Format: int64
             * @description Names the passkey in its path.
             */
            id: number;
            /** @description What its owner calls it. */
            name: string;
            /**
             * Format: date-time
             * @description When it was added, in UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used to sign in or to confirm.
             */
            last_used_at: string | null;
        };
        PasskeyCreate: {
            /** @description Its name. */
            name: string;
            credential: components["schemas"]["PasskeyCredential"];
        };
        /** @description What `PublicKeyCredential.toJSON()` gives. */
        PasskeyCredential: {
            id: string;
            rawId: string;
            /** @constant */
            type: "public-key";
            response: {
                clientDataJSON: string;
                attestationObject?: string;
                authenticatorData?: string;
                signature?: string;
                userHandle?: string | null;
                transports?: string[];
            };
            clientExtensionResults: Record<string, never>;
        };
        /**
         * @description All of them; there are never many.
         * @example {
         *       "results": [
         *         {
         *           "id": 2,
         *           "name": "Laptop",
         *           "created_at": "2026-11-02T09:40:00.000Z",
         *           "last_used_at": null
         *         }
         *       ]
         *     }
         */
        PasskeyList: {
            /** @description All of them, newest first. */
            results: components["schemas"]["Passkey"][];
        };
        /**
         * @description What the browser's `PublicKeyCredential.parse…OptionsFromJSON()` takes.
         * @example {
         *       "challenge": "u6vKq3m1Nn0rQ8oJ0b2d3w",
         *       "rpId": "localhost"
         *     }
         */
        PasskeyOptions: {
            /** @description Base64url; good for five minutes. */
            challenge: string;
        } & {
            [key: string]: unknown;
        };
        PasskeyProof: {
            credential: components["schemas"]["PasskeyCredential"];
        };
        Password: {
            /** @description The account's password. */
            password: string;
        };
        PasswordChange: {
            /** @description The current password. */
            current_password: string;
            /** @description The new one. */
            new_password: string;
        };
        PasswordReset: {
            /** @description The `token` of the link in the mail. */
            token: string;
            /** @description The new password. */
            password: string;
        };
        /** @description A password, or a passkey. */
        Reauthentication: {
            /** @description The account's password; with two-factor on, with `code`. */
            password?: string;
            /** @description Six digits from the authenticator app, or a backup code. */
            code?: string;
            credential?: components["schemas"]["PasskeyCredential"];
        };
        /**
         * @description Your identity is proven.
         * @example {
         *       "reauthenticated_until": "2026-11-02T09:35:00.000Z"
         *     }
         */
        ReauthenticationResult: {
            /**
             * Format: date-time
             * @description Until when this proof counts.
             */
            reauthenticated_until: string;
        };
        /**
         * @description A browser that is signed in.
         * @example {
         *       "id": 3,
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "last_seen_at": "2026-11-02T10:05:00.000Z",
         *       "ip_address": "192.0.2.7",
         *       "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         *       "current": true
         *     }
         */
        Session: {
            /**
             * Format: int64
             * @description Names the session in its path.
             */
            id: number;
            /**
             * Format: date-time
             * @description When the person signed in, in UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used, to within some minutes.
             */
            last_seen_at: string;
            /** @description Where the person signed in from. */
            ip_address: string;
            /** @description What the browser calls itself; may be empty. */
            user_agent: string;
            /** @description Whether it is the session of this request. */
            current: boolean;
        };
        /**
         * @description All of them; there are never many.
         * @example {
         *       "results": [
         *         {
         *           "id": 3,
         *           "created_at": "2026-11-02T09:30:00.000Z",
         *           "last_seen_at": "2026-11-02T10:05:00.000Z",
         *           "ip_address": "192.0.2.7",
         *           "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         *           "current": true
         *         }
         *       ]
         *     }
         */
        SessionList: {
            /** @description All of them, newest first. */
            results: components["schemas"]["Session"][];
        };
        /**
         * @description How this installation is set up.
         * @example {
         *       "signup": "invite",
         *       "mail": "smtp",
         *       "org_creation": "open",
         *       "passkeys": true,
         *       "kubectl": false
         *     }
         */
        Setup: {
            /**
             * @description Who may create an account.
             * @enum {string}
             */
            signup: "open" | "invite" | "closed";
            /**
             * @description Whether mail is sent, or kept for the operator (`dollarbox-admin mail-list`).
             * @enum {string}
             */
            mail: "smtp" | "outbox";
            /**
             * @description Whether people may create orgs, or only the operator.
             * @enum {string}
             */
            org_creation: "open" | "closed";
            /** @description Whether passkeys can be used: not where the panel is reached by an IP address. */
            passkeys: boolean;
            /** @description Whether orgs can have kubectl access: not where containers run on Docker. */
            kubectl: boolean;
        };
        SignIn: {
            /** @description The address of the account. */
            email: string;
            /** @description Its password. */
            password: string;
        };
        /**
         * @description Whether the person is signed in.
         * @example {
         *       "two_factor_required": false
         *     }
         */
        SignInResult: {
            /** @description Whether a code is needed before the session starts: `/sign-in/two-factor/`. */
            two_factor_required: boolean;
        };
        SignUp: {
            /** @description The address that the link is sent to. */
            email: string;
            /** @description At least 12 characters, and none that is often used. */
            password: string;
            /** @description Your name. */
            name: string;
            /** @description The name of your org. */
            org_name: string;
            /** @description The `invite` of the link that invited you. */
            invite?: string;
        };
        /**
         * @description An API token, without its secret.
         * @example {
         *       "id": 31,
         *       "public_id": "4kT9aQzX2mNb",
         *       "name": "deploy",
         *       "scope": "write",
         *       "org": "acme",
         *       "created_at": "2026-11-02T09:30:00.000Z",
         *       "expires_at": null,
         *       "last_used_at": null
         *     }
         */
        Token: {
            /**
             * Format: int64
             * @description As in the `actor` of an event.
             */
            id: number;
            /** @description How the token is named in lists; no secret. */
            public_id: string;
            /** @description What it is for. */
            name: string;
            /**
             * @description What it may do.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; null for all of its owner. */
            org: string | null;
            /**
             * Format: date-time
             * @description When it was created, in UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it expires; null for never.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description When it was last used, to within some minutes; null for never.
             */
            last_used_at: string | null;
        };
        TokenCreate: {
            /** @description What it is for. */
            name: string;
            /**
             * @description What it may do: `read` (GET and HEAD), or `write`.
             * @enum {string}
             */
            scope: "read" | "write";
            /** @description Slug of the one org that it may act in; all of yours if not given. */
            org?: string | null;
            /** @description When it expires (RFC 3339); never if not given. */
            expires_at?: string | null;
        };
        /**
         * @description All of them; there are never many.
         * @example {
         *       "results": [
         *         {
         *           "id": 31,
         *           "public_id": "4kT9aQzX2mNb",
         *           "name": "deploy",
         *           "scope": "write",
         *           "org": "acme",
         *           "created_at": "2026-11-02T09:30:00.000Z",
         *           "expires_at": null,
         *           "last_used_at": null
         *         }
         *       ]
         *     }
         */
        TokenList: {
            /** @description All of them, newest first. */
            results: components["schemas"]["Token"][];
        };
        /**
         * @description The second factor, in effect once a code from it has been sent.
         * @example {
         *       "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
         *       "uri": "otpauth://totp/DollarBox:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=DollarBox",
         *       "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
         *     }
         */
        TwoFactorSecret: {
            /** @description To type into the authenticator app (base32). */
            secret: string;
            /** @description The same as an `otpauth://` URI. */
            uri: string;
            /** @description The URI as a QR picture, an SVG document. */
            qr_svg: string;
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
    accountRead: {
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
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 7,
                     *       "email": "ada@example.com",
                     *       "name": "Ada",
                     *       "email_verified": true,
                     *       "two_factor_enabled": false,
                     *       "reauthenticated_until": "2026-11-02T09:35:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "orgs": [
                     *         {
                     *           "slug": "acme",
                     *           "name": "Acme",
                     *           "role": "owner"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    accountDelete: {
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
            /** @description The account is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    accountUpdate: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Ada Lovelace"
                 *     }
                 */
                "application/json": components["schemas"]["AccountUpdate"];
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 7,
                     *       "email": "ada@example.com",
                     *       "name": "Ada",
                     *       "email_verified": true,
                     *       "two_factor_enabled": false,
                     *       "reauthenticated_until": "2026-11-02T09:35:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "orgs": [
                     *         {
                     *           "slug": "acme",
                     *           "name": "Acme",
                     *           "role": "owner"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    setupRead: {
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
            /** @description How this installation is set up. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "signup": "invite",
                     *       "mail": "smtp",
                     *       "org_creation": "open",
                     *       "passkeys": true,
                     *       "kubectl": false
                     *     }
                     */
                    "application/json": components["schemas"]["Setup"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    signUp: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "a long sentence of mine",
                 *       "name": "Ada",
                 *       "org_name": "Acme"
                 *     }
                 */
                "application/json": components["schemas"]["SignUp"];
            };
        };
        responses: {
            /** @description A mail is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    emailVerify: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                 *     }
                 */
                "application/json": components["schemas"]["EmailVerify"];
            };
        };
        responses: {
            /** @description The new account. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 7,
                     *       "email": "ada@example.com",
                     *       "name": "Ada",
                     *       "email_verified": true,
                     *       "two_factor_enabled": false,
                     *       "reauthenticated_until": "2026-11-02T09:35:00.000Z",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "orgs": [
                     *         {
                     *           "slug": "acme",
                     *           "name": "Acme",
                     *           "role": "owner"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    verificationEmailSend: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["MailRequest"];
            };
        };
        responses: {
            /** @description If there is a sign-up, a mail is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    signIn: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "a long sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The password is right. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "two_factor_required": false
                     *     }
                     */
                    "application/json": components["schemas"]["SignInResult"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    signInTwoFactor: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            /** @description The session has started. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    signInPasskeyOptions: {
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
            /** @description Options for the browser. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "u6vKq3m1Nn0rQ8oJ0b2d3w",
                     *       "rpId": "localhost"
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    signInPasskey: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "credential": {
                 *         "id": "q83vASNFZ4mrze8BI0VniQ",
                 *         "rawId": "q83vASNFZ4mrze8BI0VniQ",
                 *         "type": "public-key",
                 *         "response": {
                 *           "clientDataJSON": "eyJ0…",
                 *           "authenticatorData": "SZYN…",
                 *           "signature": "MEUC…"
                 *         },
                 *         "clientExtensionResults": {}
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PasskeyProof"];
            };
        };
        responses: {
            /** @description The session has started. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    signOut: {
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
            /** @description The session has ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
    passwordResetSend: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["MailRequest"];
            };
        };
        responses: {
            /** @description If there is an account, a mail is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    passwordReset: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM",
                 *       "password": "another sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordReset"];
            };
        };
        responses: {
            /** @description The password is set. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    passwordChange: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "current_password": "a long sentence of mine",
                 *       "new_password": "another sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The password is changed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    emailChangeSend: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.org",
                 *       "password": "a long sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["EmailChange"];
            };
        };
        responses: {
            /** @description A mail is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    emailChange: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                 *     }
                 */
                "application/json": components["schemas"]["LinkToken"];
            };
        };
        responses: {
            /** @description The address is changed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    sessionList: {
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
            /** @description All sessions. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "id": 3,
                     *           "created_at": "2026-11-02T09:30:00.000Z",
                     *           "last_seen_at": "2026-11-02T10:05:00.000Z",
                     *           "ip_address": "192.0.2.7",
                     *           "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                     *           "current": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    sessionDelete: {
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
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    sessionEndOthers: {
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
            /** @description The other sessions have ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    twoFactorBegin: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "a long sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description The secret. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                     *       "uri": "otpauth://totp/DollarBox:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=DollarBox",
                     *       "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
                     *     }
                     */
                    "application/json": components["schemas"]["TwoFactorSecret"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    twoFactorDelete: {
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
            /** @description Two-factor is off. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    twoFactorConfirm: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            /** @description Two-factor is on. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "backup_codes": [
                     *         "4k7qm-x2v9r",
                     *         "8wd3n-tb6hc"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BackupCodes"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    backupCodesCreate: {
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
            /** @description The new codes. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "backup_codes": [
                     *         "4k7qm-x2v9r",
                     *         "8wd3n-tb6hc"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BackupCodes"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    passkeyList: {
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
            /** @description All passkeys. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "id": 2,
                     *           "name": "Laptop",
                     *           "created_at": "2026-11-02T09:40:00.000Z",
                     *           "last_used_at": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyList"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    passkeyCreate: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Laptop",
                 *       "credential": {
                 *         "id": "q83vASNFZ4mrze8BI0VniQ",
                 *         "rawId": "q83vASNFZ4mrze8BI0VniQ",
                 *         "type": "public-key",
                 *         "response": {
                 *           "clientDataJSON": "eyJ0…",
                 *           "attestationObject": "o2Nm…",
                 *           "transports": [
                 *             "internal"
                 *           ]
                 *         },
                 *         "clientExtensionResults": {}
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PasskeyCreate"];
            };
        };
        responses: {
            /** @description The passkey. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 2,
                     *       "name": "Laptop",
                     *       "created_at": "2026-11-02T09:40:00.000Z",
                     *       "last_used_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Passkey"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    passkeyOptions: {
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
            /** @description Options for the browser. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "u6vKq3m1Nn0rQ8oJ0b2d3w",
                     *       "rpId": "localhost"
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    passkeyDelete: {
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
                 * @description The object's id.
                 * @example 17
                 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The passkey is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    reauthenticate: {
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
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "password": "a long sentence of mine",
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["Reauthentication"];
            };
        };
        responses: {
            /** @description The proof is accepted. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "reauthenticated_until": "2026-11-02T09:35:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ReauthenticationResult"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    reauthenticationPasskeyOptions: {
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
            /** @description Options for the browser. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "u6vKq3m1Nn0rQ8oJ0b2d3w",
                     *       "rpId": "localhost"
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    tokenList: {
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
            /** @description All tokens. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "id": 31,
                     *           "public_id": "4kT9aQzX2mNb",
                     *           "name": "deploy",
                     *           "scope": "write",
                     *           "org": "acme",
                     *           "created_at": "2026-11-02T09:30:00.000Z",
                     *           "expires_at": null,
                     *           "last_used_at": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    tokenCreate: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "deploy",
                 *       "scope": "write",
                 *       "org": "acme"
                 *     }
                 */
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description The token. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": "dbx_4kT9aQzX2mNb_0123456789abcdefghijABCDEFGHIJ0123456789",
                     *       "id": 31,
                     *       "public_id": "4kT9aQzX2mNb",
                     *       "name": "deploy",
                     *       "scope": "write",
                     *       "org": "acme",
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "expires_at": null,
                     *       "last_used_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    tokenDelete: {
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
                 * @description How the token is named in lists.
                 * @example 4kT9aQzX2mNb
                 */
                public_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
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
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    clientLoginBegin: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "client": "dollarbox on laptop",
                 *       "scope": "write"
                 *     }
                 */
                "application/json": components["schemas"]["ClientLoginBegin"];
            };
        };
        responses: {
            /** @description It waits for the person. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "device_code": "0123456789abcdefghijABCDEFGHIJ0123456789abc",
                     *       "user_code": "BCDF-GHJK-LMNP",
                     *       "verification_uri": "https://box.example/device",
                     *       "verification_uri_complete": "https://box.example/device?code=BCDF-GHJK-LMNP",
                     *       "expires_in": 600,
                     *       "interval": 5
                     *     }
                     */
                    "application/json": components["schemas"]["ClientLogin"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    clientLoginFind: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "user_code": "BCDF-GHJK-LMNP"
                 *     }
                 */
                "application/json": components["schemas"]["ClientCodeEntry"];
            };
        };
        responses: {
            /** @description It waits for you. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "client": "dollarbox on laptop",
                     *       "ip_address": "192.0.2.7",
                     *       "scope": "write",
                     *       "org": null,
                     *       "created_at": "2026-11-02T09:30:00.000Z",
                     *       "expires_at": "2026-11-02T09:40:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ClientLoginShown"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    clientLoginApprove: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "user_code": "BCDF-GHJK-LMNP",
                 *       "scope": "write",
                 *       "org": "acme"
                 *     }
                 */
                "application/json": components["schemas"]["ClientLoginApprove"];
            };
        };
        responses: {
            /** @description It is approved. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    clientLoginRefuse: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "user_code": "BCDF-GHJK-LMNP"
                 *     }
                 */
                "application/json": components["schemas"]["ClientCodeEntry"];
            };
        };
        responses: {
            /** @description It is refused. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    clientLoginAuthorize: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "client": "dollarbox on laptop",
                 *       "redirect_uri": "http://127.0.0.1:50123/callback",
                 *       "state": "abc",
                 *       "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                 *       "scope": "write"
                 *     }
                 */
                "application/json": components["schemas"]["ClientLoginAuthorize"];
            };
        };
        responses: {
            /** @description It is approved. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "redirect_to": "http://127.0.0.1:50123/callback?code=0123&state=abc"
                     *     }
                     */
                    "application/json": components["schemas"]["ClientLoginRedirect"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`, `reauthentication_required`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
    clientLoginCollect: {
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
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "device_code": "0123456789abcdefghijABCDEFGHIJ0123456789abc"
                 *     }
                 */
                "application/json": components["schemas"]["ClientLoginCollect"];
            };
        };
        responses: {
            /** @description What has become of it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "pending",
                     *       "token": null
                     *     }
                     */
                    "application/json": components["schemas"]["ClientLoginResult"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    invitationShow: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationLink"];
            };
        };
        responses: {
            /** @description The invitation. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "open",
                     *       "org": {
                     *         "slug": "acme",
                     *         "name": "Acme"
                     *       },
                     *       "email": "grace@example.com",
                     *       "role": "member",
                     *       "inviter": {
                     *         "email": "ada@example.com",
                     *         "name": "Ada"
                     *       },
                     *       "expires_at": "2026-11-09T09:30:00.000Z",
                     *       "sign_up": true,
                     *       "proof": "none"
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationShown"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
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
    invitationAccept: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationLink"];
            };
        };
        responses: {
            /** @description You are in the org, or a mail is on its way. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "org": "acme",
                     *       "mail_sent": false
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationAccepted"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    invitationSignUp: {
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
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM",
                 *       "name": "Grace",
                 *       "password": "a long sentence of mine"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationSignUp"];
            };
        };
        responses: {
            /** @description The account has been created and is in the org, or a mail is on its way. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "org": "acme",
                     *       "mail_sent": false
                     *     }
                     */
                    "application/json": components["schemas"]["InvitationAccepted"];
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
            /** @description `not_found`: There is no such object, or you have no access to it: the two look the same. */
            404: components["responses"]["NotFound"];
            /** @description `conflict`: The state of the object, or another request, prevents this. */
            409: components["responses"]["Conflict"];
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
    accountSchemaRead: {
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
            /** @description The document. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.1"
                     *     }
                     */
                    "application/json": {
                        openapi: string;
                    };
                };
            };
            /** @description `validation_error`: The request is not valid; `detail` says where. */
            400: components["responses"]["BadRequest"];
            /** @description `authentication_failed`: The token is missing, mistyped, revoked or expired, or its account is disabled. */
            401: components["responses"]["Unauthorized"];
            /** @description `permission_denied`: You may not do this, or not with this token. */
            403: components["responses"]["Forbidden"];
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
}
