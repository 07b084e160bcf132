import { isIP } from 'node:net';
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Config } from '../base/config.ts';
import type { ApiDeps } from '../http/deps.ts';
import { DomainError } from '../base/domain-error.ts';

const TIMEOUT_MS = 300_000;
const CHALLENGE_BYTES = 32;
/** EdDSA, ES256, RS256. The library's default list begins with one that Node warns about as experimental. */
const ALGORITHMS = [-8, -7, -257];

/** The library takes much memory, and many installations never use it: it is loaded on first use. */
const library = () => import('@simplewebauthn/server');

/** A browser's reply, as far as the schema has validated it. */
export interface PasskeyCredentialJson {
  id: string;
  response: { clientDataJSON: string; transports?: string[] };
}

/** A passkey as it is stored. */
export interface StoredPasskey {
  id: number;
  userId: number;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
}

/** The parts of a new passkey. */
export interface MadePasskey {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
}

type Deps = Pick<ApiDeps, 'config' | 'random' | 'secrets'>;

/** Whether browsers can create passkeys for this installation: they need a host name, not an IP address. */
export function passkeysArePossible(config: Pick<Config, 'publicUrl'>): boolean {
  return isIP(rpIdOf(config).replaceAll(/[[\]]/g, '')) === 0;
}

/** @throws DomainError if passkeys can't be used. */
export function passkeysRequire(config: Pick<Config, 'publicUrl'>): void {
  if (passkeysArePossible(config)) return;
  throw new DomainError(
    'wrong_state',
    'Passkeys need a name: reach the panel by one instead of an IP address (PUBLIC_URL).',
  );
}

/** Options for creating a passkey. @param known the passkeys that the user already has. */
export async function creationOptions(
  deps: Deps,
  user: { id: number; email: string; name: string },
  known: readonly Pick<StoredPasskey, 'credentialId' | 'transports'>[],
) {
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: 'DollarBox',
    rpID: rpIdOf(deps.config),
    userID: new Uint8Array(deps.secrets.digest('passkey-user', String(user.id))),
    userName: user.email,
    userDisplayName: user.name,
    challenge: new Uint8Array(deps.random.bytes(CHALLENGE_BYTES)),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(descriptorOf),
    // It counts as both factors: possession of the device, and user verification.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Options for using a passkey. @param known the passkeys to accept; empty: any. */
export async function requestOptions(
  deps: Deps,
  known: readonly Pick<StoredPasskey, 'credentialId' | 'transports'>[],
) {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: rpIdOf(deps.config),
    challenge: new Uint8Array(deps.random.bytes(CHALLENGE_BYTES)),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    ...(known.length === 0 ? {} : { allowCredentials: known.map(descriptorOf) }),
  });
}

/** The challenge that a browser claims to have answered; `oneTimeHold` verifies it. */
export function challengeRead(credential: PasskeyCredentialJson): string {
  try {
    const text = Buffer.from(credential.response.clientDataJSON, 'base64url').toString();
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}

/** @returns the passkey, or null if the browser's reply is invalid. */
export async function creationVerify(
  config: Pick<Config, 'publicUrl'>,
  credential: PasskeyCredentialJson,
  challenge: string,
): Promise<MadePasskey | null> {
  const { verifyRegistrationResponse } = await library();
  try {
    const { registrationInfo: info, verified } = await verifyRegistrationResponse({
      response: credential as unknown as RegistrationResponseJSON,
      supportedAlgorithmIDs: ALGORITHMS,
      expectedChallenge: challenge,
      expectedOrigin: new URL(config.publicUrl).origin,
      expectedRPID: rpIdOf(config),
      requireUserVerification: true,
    });
    if (!verified) return null;
    return {
      credentialId: info.credential.id,
      publicKey: Buffer.from(info.credential.publicKey),
      counter: info.credential.counter,
      transports: info.credential.transports ?? [],
    };
  } catch {
    return null;
  }
}

/** @returns the passkey's new counter, or null if the browser's reply is invalid. */
export async function requestVerify(
  config: Pick<Config, 'publicUrl'>,
  credential: PasskeyCredentialJson,
  challenge: string,
  passkey: StoredPasskey,
): Promise<number | null> {
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: new URL(config.publicUrl).origin,
      expectedRPID: rpIdOf(config),
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
    });
    return verified ? authenticationInfo.newCounter : null;
  } catch {
    return null;
  }
}

function rpIdOf(config: Pick<Config, 'publicUrl'>): string {
  return new URL(config.publicUrl).hostname;
}

function descriptorOf(passkey: Pick<StoredPasskey, 'credentialId' | 'transports'>) {
  return {
    id: passkey.credentialId,
    transports: passkey.transports as AuthenticatorTransport[],
  };
}
