import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import * as passkeys from '../passkeys.ts';
import { proofFaults, reauthenticate as prove } from '../reauthenticate.ts';
import {
  Passkey,
  PasskeyCreate,
  PasskeyOptions,
  Reauthentication,
  ReauthenticationResult,
  resultsOf,
} from '../schema.ts';

const TAG = 'Passkeys';

const passkeyList = sessionRouteDefine({
  operationId: 'passkeyList',
  method: 'GET',
  path: '/passkeys/',
  tag: TAG,
  summary: 'List your passkeys',
  description: 'The passkeys of your account, newest first.',
  success: { status: 200, description: 'All passkeys.', schema: resultsOf(Passkey) },
  handle: passkeys.passkeyList,
});

const passkeyOptions = sessionRouteDefine({
  operationId: 'passkeyOptions',
  method: 'POST',
  path: '/passkeys/options/',
  tag: TAG,
  summary: 'Add a passkey: options',
  description: 'What the browser needs to make a passkey.',
  proof: 'always',
  success: { status: 200, description: 'Options for the browser.', schema: PasskeyOptions },
  errors: ['conflict'],
  handle: passkeys.passkeyOptions,
});

const passkeyCreate = sessionRouteDefine({
  operationId: 'passkeyCreate',
  method: 'POST',
  path: '/passkeys/',
  tag: TAG,
  summary: 'Add a passkey',
  description: 'Adds the passkey that the browser made, with the options of the last five minutes.',
  body: PasskeyCreate,
  example: {
    name: 'Laptop',
    credential: {
      id: 'q83vASNFZ4mrze8BI0VniQ',
      rawId: 'q83vASNFZ4mrze8BI0VniQ',
      type: 'public-key',
      response: { clientDataJSON: 'eyJ0…', attestationObject: 'o2Nm…', transports: ['internal'] },
      clientExtensionResults: {},
    },
  },
  success: { status: 201, description: 'The passkey.', schema: Passkey },
  errors: ['conflict'],
  handle: passkeys.passkeyCreate,
});

const passkeyDelete = sessionRouteDefine({
  operationId: 'passkeyDelete',
  method: 'DELETE',
  path: '/passkeys/{id}/',
  tag: TAG,
  summary: 'Remove a passkey',
  description: 'From now on this passkey opens nothing.',
  proof: 'always',
  success: { status: 204, description: 'The passkey is gone.' },
  errors: ['not_found'],
  handle: passkeys.passkeyDelete,
});

const PROOF_TAG = 'Re-authentication';

const reauthenticate = sessionRouteDefine({
  operationId: 'reauthenticate',
  method: 'POST',
  path: '/reauthentication/',
  tag: PROOF_TAG,
  summary: 'Confirm that it is you',
  description:
    'Proves again who sits there: with the password (and, with two-factor on, a code), or with a passkey. It counts for five minutes, and the session gets a new cookie.',
  body: Reauthentication,
  rules: proofFaults,
  example: { password: 'a long sentence of mine', code: '123456' },
  success: { status: 200, description: 'It counts.', schema: ReauthenticationResult },
  handle: prove,
});

const reauthenticationPasskeyOptions = sessionRouteDefine({
  operationId: 'reauthenticationPasskeyOptions',
  method: 'POST',
  path: '/reauthentication/passkey-options/',
  tag: PROOF_TAG,
  summary: 'Confirm with a passkey: options',
  description: 'What the browser needs to ask for one of your passkeys.',
  success: { status: 200, description: 'Options for the browser.', schema: PasskeyOptions },
  errors: ['conflict'],
  handle: passkeys.proofPasskeyOptions,
});

export const passkeyRoutes: readonly AccountRoute[] = [
  passkeyList,
  passkeyOptions,
  passkeyCreate,
  passkeyDelete,
  reauthenticate,
  reauthenticationPasskeyOptions,
];
