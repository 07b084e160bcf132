import type { components } from '@dollarbox/client/account-schema';

type Options = components['schemas']['PasskeyOptions'];
type Credential = components['schemas']['PasskeyCredential'];

/** Whether this browser knows passkeys, in the form that the server speaks. */
export function passkeysAreKnown(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    'parseCreationOptionsFromJSON' in PublicKeyCredential
  );
}

/** Lets the person choose a passkey. @throws DOMException when they do not. */
export async function passkeyAsk(options: Options): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return credentialOf(await navigator.credentials.get({ publicKey }));
}

/** Lets the person make a passkey. @throws DOMException when they do not. */
export async function passkeyMake(options: Options): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return credentialOf(await navigator.credentials.create({ publicKey }));
}

/** What the server is sent: of the browser's own JSON, the members that it takes. */
function credentialOf(found: globalThis.Credential | null): Credential {
  if (!(found instanceof PublicKeyCredential)) throw new DOMException('none', 'NotAllowedError');
  return { ...(found.toJSON() as Credential), clientExtensionResults: {} };
}
