// The tables of people, of what they sign in with, and of what is mailed to them.
import type { Generated, GeneratedAlways } from 'kysely';

export type TokenScope = 'read' | 'write';

export interface UsersTable {
  id: GeneratedAlways<number>;
  email: string;
  name: Generated<string>;
  password_hash: string | null;
  disabled_at: Date | null;
  created_at: Date;
  email_verified: Generated<boolean>;
}

export interface TokensTable {
  id: GeneratedAlways<number>;
  public_id: string;
  secret_hash: Buffer;
  user_id: number;
  org_id: number | null;
  name: string;
  scope: TokenScope;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

export interface TokenUsesTable {
  token_id: number;
  last_used_at: Date;
}

export interface SessionsTable {
  id: GeneratedAlways<number>;
  token_hash: Buffer;
  user_id: number;
  created_at: Date;
  expires_at: Date;
  proven_at: Date;
  ended_at: Date | null;
  ip_address: string;
  user_agent: string;
}

export interface SessionUsesTable {
  session_id: number;
  last_used_at: Date;
}

export interface ClientLoginsTable {
  id: GeneratedAlways<number>;
  secret_hash: Buffer;
  challenge: string | null;
  code_group: string | null;
  code_hash: Buffer | null;
  wrong_entries: Generated<number>;
  polled_at: Date | null;
  client: string;
  ip_address: string;
  scope: TokenScope;
  org_slug: string | null;
  token_expires_at: Date | null;
  decision: 'approved' | 'refused' | null;
  user_id: number | null;
  session_id: number | null;
  created_at: Date;
  expires_at: Date;
}

export type OneTimePurpose =
  | 'sign_up'
  | 'invite'
  | 'password_reset'
  | 'email_change'
  | 'two_factor'
  | 'passkey_sign_in'
  | 'passkey_proof'
  | 'passkey_create';

export interface OneTimeTokensTable {
  id: GeneratedAlways<number>;
  purpose: OneTimePurpose;
  token_hash: Buffer;
  user_id: number | null;
  session_id: number | null;
  email: string | null;
  data_sealed: Buffer | null;
  attempts: Generated<number>;
  created_at: Date;
  expires_at: Date;
}

export interface TwoFactorsTable {
  user_id: number;
  secret_sealed: Buffer;
  created_at: Date;
  confirmed_at: Date | null;
  last_step: Generated<number>;
  backup_code_hashes: Generated<Buffer[]>;
}

export interface PasskeysTable {
  id: GeneratedAlways<number>;
  user_id: number;
  name: string;
  credential_id: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  created_at: Date;
  last_used_at: Date | null;
}

export interface AttemptsTable {
  key: string;
  count: number;
  ends_at: Date;
}

export interface MailsTable {
  id: GeneratedAlways<number>;
  kind: string;
  email: string;
  request_sealed: Buffer;
  content_sealed: Buffer | null;
  created_at: Date;
  due_at: Date | null;
  tries: Generated<number>;
  error: string | null;
  sent_at: Date | null;
}
