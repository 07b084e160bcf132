import type { components } from '@dollarbox/client/account-schema';

type Options = components['schemas']['PasskeyOptions'];
type Credential = components['schemas']['PasskeyCredential'];

/** Whether this browser supports passkeys in the JSON format of the server. */
export function passkeysAreKnown(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    'parseCreationOptionsFromJSON' in PublicKeyCredential
  );
}

/** Asks the person to choose a passkey. @throws DOMException when they do not. */
export async function passkeyAsk(options: Options): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return credentialOf(await navigator.credentials.get({ publicKey }));
}

/** Asks the person to create a passkey. @throws DOMException when they do not. */
export async function passkeyMake(options: Options): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return credentialOf(await navigator.credentials.create({ publicKey }));
}

/** The members of the browser's JSON that the server accepts. */
function credentialOf(found: globalThis.Credential | null): Credential {
  if (!(found instanceof PublicKeyCredential)) throw new DOMException('none', 'NotAllowedError');
  return { ...(found.toJSON() as Credential), clientExtensionResults: {} };
}
