import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type RegistrationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { isIP } from 'node:net';
import type { Config } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

const TIMEOUT_MS = 300_000;
const CHALLENGE_BYTES = 32;

/** What a browser sends for a passkey, as far as the schema has looked at it. */
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

/** The parts of a passkey that has just been made. */
export interface MadePasskey {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
}

type Deps = Pick<ApiDeps, 'config' | 'random' | 'secrets'>;

/** Whether browsers make passkeys for this installation: for a name, not for an IP address. */
export function passkeysArePossible(config: Pick<Config, 'publicUrl'>): boolean {
  return isIP(rpIdOf(config).replaceAll(/[[\]]/g, '')) === 0;
}

/** @throws ApiError 409 where passkeys can't be used. */
export function passkeysRequire(config: Pick<Config, 'publicUrl'>): void {
  if (passkeysArePossible(config)) return;
  throw new ApiError(
    'conflict',
    'Passkeys need a name: reach the panel by one instead of an IP address (PUBLIC_URL).',
  );
}

/** Options for making a passkey. @param known those that the user has already. */
export async function creationOptions(
  deps: Deps,
  user: { id: number; email: string; name: string },
  known: readonly Pick<StoredPasskey, 'credentialId' | 'transports'>[],
) {
  return generateRegistrationOptions({
    rpName: 'DollarBox',
    rpID: rpIdOf(deps.config),
    userID: new Uint8Array(deps.secrets.digest('passkey-user', String(user.id))),
    userName: user.email,
    userDisplayName: user.name,
    challenge: new Uint8Array(deps.random.bytes(CHALLENGE_BYTES)),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: known.map(descriptorOf),
    // It stands for both factors: what one has, and who unlocks it.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Options for using a passkey. @param known the only ones that count; any, if there are none. */
export async function requestOptions(
  deps: Deps,
  known: readonly Pick<StoredPasskey, 'credentialId' | 'transports'>[],
) {
  return generateAuthenticationOptions({
    rpID: rpIdOf(deps.config),
    challenge: new Uint8Array(deps.random.bytes(CHALLENGE_BYTES)),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    ...(known.length === 0 ? {} : { allowCredentials: known.map(descriptorOf) }),
  });
}

/** The challenge that a browser says it has answered; what it is worth, `oneTimeHold` finds. */
export function challengeRead(credential: PasskeyCredentialJson): string {
  try {
    const text = Buffer.from(credential.response.clientDataJSON, 'base64url').toString();
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}

/** @returns the passkey, or null when what the browser sent is not right. */
export async function creationVerify(
  config: Pick<Config, 'publicUrl'>,
  credential: PasskeyCredentialJson,
  challenge: string,
): Promise<MadePasskey | null> {
  try {
    const { registrationInfo: info, verified } = await verifyRegistrationResponse({
      response: credential as unknown as RegistrationResponseJSON,
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

/** @returns the passkey's new counter, or null when what the browser sent is not right. */
export async function requestVerify(
  config: Pick<Config, 'publicUrl'>,
  credential: PasskeyCredentialJson,
  challenge: string,
  passkey: StoredPasskey,
): Promise<number | null> {
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
