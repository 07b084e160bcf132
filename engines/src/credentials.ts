/** The part of the contract that gives people access to an org's place on the engine with tools of their own. */

/** A credential, and what it is called on the engine. */
export interface CredentialKey {
  /** Unique on the engine, and never reused: a DNS label. */
  account: string;
  tenantId: number;
}

export interface CredentialSpec extends CredentialKey {
  /** The name of the access in the kubeconfig, by which people tell several apart. */
  context: string;
  /** How long it is wanted for, in seconds; null: until it is revoked. */
  lifetimeSeconds: number | null;
}

export interface IssuedCredential {
  /** A whole kubeconfig (YAML), with the server, its certificate authority, the namespace and the token. */
  kubeconfig: string;
  /** When the engine ends it by itself, which may be before the wanted time; null: never. */
  expiresAt: Date | null;
}

/** How long `issue` may take, in milliseconds. */
export const ISSUE_DEADLINE_MS = 20_000;

export interface EngineCredentials {
  /**
   * Creates an account that has the rights of a tenant in its own place, and nowhere else. Called again, it issues another
   * credential for the account, and the former one ends. The deadline is {@link ISSUE_DEADLINE_MS}.
   * @throws EngineError `permanent` (reason `kubectl_off`) if the tenant is not to have any; `permanent` (reason `not_set_up`) if an administrator has to prepare the engine for it first.
   */
  issue(spec: CredentialSpec): Promise<IssuedCredential>;
  /** Removes the account and everything that it stands on. Succeeds if it is gone. */
  revoke(key: CredentialKey): Promise<void>;
  /** The accounts of this installation, also those that a process did not survive issuing. */
  list(): Promise<CredentialKey[]>;
}
