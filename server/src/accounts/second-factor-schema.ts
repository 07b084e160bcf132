// What proves who one is, besides a password: codes and passkeys.
import { Type } from 'typebox';
import { displayNameSchema as name, idSchema } from '../http/schema.ts';
import { closed, code, password, time, timeOrNull } from './schema.ts';

const text = () => Type.String({ maxLength: 65_536 });

/** The result of `PublicKeyCredential.toJSON()` (WebAuthn Level 3). */
const PasskeyCredential = Type.Object(
  {
    id: text(),
    rawId: text(),
    type: Type.Literal('public-key'),
    response: Type.Object({
      clientDataJSON: text(),
      attestationObject: Type.Optional(text()),
      authenticatorData: Type.Optional(text()),
      signature: Type.Optional(text()),
      userHandle: Type.Optional(Type.Union([text(), Type.Null()])),
      transports: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 10 })),
    }),
    clientExtensionResults: Type.Object({}),
  },
  { title: 'PasskeyCredential', description: 'What `PublicKeyCredential.toJSON()` gives.' },
);

/** The argument of `PublicKeyCredential.parse…OptionsFromJSON()`. */
export const PasskeyOptions = Type.Object(
  { challenge: Type.String({ description: 'Base64url; good for five minutes.' }) },
  {
    title: 'PasskeyOptions',
    description: "What the browser's `PublicKeyCredential.parse…OptionsFromJSON()` takes.",
    additionalProperties: true,
    examples: [{ challenge: 'u6vKq3m1Nn0rQ8oJ0b2d3w', rpId: 'localhost' }],
  },
);

export const PasskeyProof = Type.Object(
  { credential: PasskeyCredential },
  { title: 'PasskeyProof', ...closed },
);

export const TwoFactorSecret = Type.Object(
  {
    secret: Type.String({ description: 'To type into the authenticator app (base32).' }),
    uri: Type.String({ description: 'The same as an `otpauth://` URI.' }),
    qr_svg: Type.String({ description: 'The URI as a QR picture, an SVG document.' }),
  },
  {
    title: 'TwoFactorSecret',
    description: 'The second factor, in effect once a code from it has been sent.',
    examples: [
      {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/DollarBox:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=DollarBox',
        qr_svg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
      },
    ],
  },
);

export const BackupCodes = Type.Object(
  {
    backup_codes: Type.Array(Type.String(), {
      description: 'Each works once, in place of a code from the app. Shown only now.',
    }),
  },
  {
    title: 'BackupCodes',
    description: 'Codes for people who have lost the app.',
    examples: [{ backup_codes: ['4k7qm-x2v9r', '8wd3n-tb6hc'] }],
  },
);

export const Passkey = Type.Object(
  {
    id: idSchema('Names the passkey in its path.'),
    name: Type.String({ description: 'What its owner calls it.' }),
    created_at: time('When it was added, in UTC.'),
    last_used_at: timeOrNull('When it was last used to sign in or to confirm.'),
  },
  {
    title: 'Passkey',
    description: 'A passkey of the account.',
    examples: [
      { id: 2, name: 'Laptop', created_at: '2026-11-02T09:40:00.000Z', last_used_at: null },
    ],
  },
);

export const PasskeyCreate = Type.Object(
  { name: name('Its name.'), credential: PasskeyCredential },
  { title: 'PasskeyCreate', ...closed },
);

export const Reauthentication = Type.Object(
  {
    password: Type.Optional(password("The account's password; with two-factor on, with `code`.")),
    code: Type.Optional(code),
    credential: Type.Optional(PasskeyCredential),
  },
  { title: 'Reauthentication', description: 'A password, or a passkey.', ...closed },
);

export const ReauthenticationResult = Type.Object(
  { reauthenticated_until: time('Until when this proof counts.') },
  {
    title: 'ReauthenticationResult',
    description: 'Your identity is proven.',
    examples: [{ reauthenticated_until: '2026-11-02T09:35:00.000Z' }],
  },
);
