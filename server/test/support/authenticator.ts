import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const FLAGS = { userPresent: 1, userVerified: 4, attested: 64 };

interface AuthenticatorOptions {
  /** The origin as the browser reports it; by default the page's own. */
  origin: string;
  rpId: string;
  /** Whether it asks for a PIN or a fingerprint first. */
  isVerifying?: boolean;
}

/** What the browser returns for a challenge. */
interface Credential {
  id: string;
  rawId: string;
  type: 'public-key';
  response: Record<string, unknown>;
  clientExtensionResults: object;
}

export interface SoftAuthenticator {
  create(options: { challenge: string }): Credential;
  get(options: { challenge: string }): Credential;
  /** The state of a copy of it, with the counter as it was this many uses ago. */
  rewind(uses: number): void;
}

/** An authenticator in software with one ES256 passkey (WebAuthn Level 3, sections 6 and 7). */
export function softAuthenticatorCreate(options: AuthenticatorOptions): SoftAuthenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(16);
  let counter = 0;

  function authenticatorData(isNew: boolean): Buffer {
    counter += 1;
    const verified = options.isVerifying === false ? 0 : FLAGS.userVerified;
    const flags = FLAGS.userPresent | verified | (isNew ? FLAGS.attested : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(counter, 1);
    const rpHash = createHash('sha256').update(options.rpId).digest();
    if (!isNew) return Buffer.concat([rpHash, head]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const key = coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
    return Buffer.concat([rpHash, head, Buffer.alloc(16), length, id, key]);
  }

  function clientData(type: string, challenge: string): Buffer {
    return Buffer.from(
      JSON.stringify({ type, challenge, origin: options.origin, crossOrigin: false }),
    );
  }

  const envelope = (response: Record<string, unknown>): Credential => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    response,
    clientExtensionResults: {},
  });

  return {
    create({ challenge }) {
      const data = authenticatorData(true);
      return envelope({
        clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
        attestationObject: Buffer.concat([
          // {"fmt": "none", "attStmt": {}, "authData": …}
          Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
          cborBytes(data),
        ]).toString('base64url'),
        transports: ['internal'],
      });
    },
    get({ challenge }) {
      const data = authenticatorData(false);
      const client = clientData('webauthn.get', challenge);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return envelope({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
      });
    },
    rewind(uses) {
      counter -= uses;
    },
  };
}

/** A byte string in CBOR (RFC 8949), of 24 to 65,535 bytes. */
function cborBytes(bytes: Buffer): Buffer {
  const head =
    bytes.length < 256
      ? Buffer.of(0x58, bytes.length)
      : Buffer.of(0x59, bytes.length >> 8, bytes.length & 255);
  return Buffer.concat([head, bytes]);
}

/** An EC2 key on P-256 for ES256 (RFC 9053, section 7.1). */
function coseKey(x: Buffer, y: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('a5010203262001', 'hex'),
    Buffer.of(0x21),
    cborBytes(x),
    Buffer.of(0x22),
    cborBytes(y),
  ]);
}
