import { isIP } from 'node:net';
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Config } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

const TIMEOUT_MS = 300_000;
const CHALLENGE_BYTES = 32;
/** EdDSA, ES256, RS256. The library's own list begins with what Node calls an experiment, with a warning. */
const ALGORITHMS = [-8, -7, -257];

/** It takes much memory, and many installations never use it: loaded when first asked for. */
const library = () => import('@simplewebauthn/server');

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
    // It stands for both factors: what one has, and who unlocks it.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Options for using a passkey. @param known the only ones that count; any, if there are none. */
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

/** @returns the passkey's new counter, or null when what the browser sent is not right. */
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
