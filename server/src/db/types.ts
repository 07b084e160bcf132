import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** The tables as Kysely sees them. A test holds this file against the database's catalogue. */
export interface Database {
  installation: InstallationTable;
  users: UsersTable;
  orgs: OrgsTable;
  memberships: MembershipsTable;
  tokens: TokensTable;
  containers: ContainersTable;
  volumes: VolumesTable;
  work: WorkTable;
  idempotency_keys: IdempotencyKeysTable;
  audit_log: AuditLogTable;
  pulled_images: PulledImagesTable;
  sessions: SessionsTable;
  session_uses: SessionUsesTable;
  token_uses: TokenUsesTable;
  one_time_tokens: OneTimeTokensTable;
  two_factors: TwoFactorsTable;
  passkeys: PasskeysTable;
  attempts: AttemptsTable;
  mails: MailsTable;
}

export type Role = 'owner' | 'admin' | 'member';
export type TokenScope = 'read' | 'write';
export type ContainerStatus = 'pending' | 'running' | 'failed' | 'stopped';
export type VolumeStatus = 'pending' | 'provisioning' | 'bound' | 'failed';

/** A volume in a container, as the client wrote it. */
export interface Mount {
  volume: number;
  mount_path: string;
}

export interface InstallationTable {
  singleton: Generated<boolean>;
  id: string;
  ipv6_prefix: string;
  ipv6_routed_prefix: string | null;
  key_check: Buffer | null;
  isolation: 'isolated' | 'weak' | 'unknown' | null;
  storage_low: Generated<boolean>;
  created_at: Date;
}

export interface UsersTable {
  id: GeneratedAlways<number>;
  email: string;
  name: Generated<string>;
  password_hash: string | null;
  disabled_at: Date | null;
  created_at: Date;
}

export interface OrgsTable {
  id: GeneratedAlways<number>;
  slug: string;
  name: string;
  billing_email: Generated<string>;
  status: Generated<'active' | 'suspended'>;
  billing_mode: Generated<string>;
  kubectl_enabled: Generated<boolean>;
  api_enabled: Generated<boolean>;
  container_limit: Generated<number>;
  container_count: Generated<number>;
  volume_gb_limit: Generated<number>;
  volume_gb_count: Generated<number>;
  ipv6_subnet: string;
  ipv4_subnet: string | null;
  generation: Generated<number>;
  created_at: Date;
}

export interface MembershipsTable {
  id: GeneratedAlways<number>;
  org_id: number;
  user_id: number;
  role: Role;
  joined_at: Date;
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

export interface ContainersTable {
  id: Generated<number>;
  org_id: number;
  name: string;
  image: string;
  env_sealed: Buffer;
  command: string[];
  ports: number[];
  ipv6_address: string;
  generation: Generated<number>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  status: Generated<ContainerStatus>;
  status_reason: string | null;
  status_message: string | null;
  restart_count: Generated<number>;
  observed_generation: Generated<number>;
  revision: Generated<number>;
  attempt_at: Date;
  pull_started_at: Date | null;
  pull_retries: Generated<number>;
  applied_sealed: Buffer | null;
  applied_ref: string | null;
  stop_ref: string | null;
  stop_requested_at: Date | null;
  exit_times: Generated<Date[]>;
  exit_ref: string | null;
  exit_finished_at: Date | null;
  restart_at: Date | null;
  volumes: ColumnType<Mount[], string, string>;
}

export interface VolumesTable {
  id: Generated<number>;
  uid: string;
  org_id: number;
  name: string;
  size_gb: number;
  container_id: number | null;
  mount_path: string | null;
  generation: Generated<number>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  status: Generated<VolumeStatus>;
  status_reason: string | null;
  status_message: string | null;
  storage_class: string | null;
  size_enforced: boolean | null;
  used_bytes: number | null;
  revision: Generated<number>;
  attempt_at: Date;
  ref: string | null;
}

export interface WorkTable {
  kind: string;
  object_id: number;
  due_at: Date | null;
  wake_seq: Generated<number>;
  lease_owner: number | null;
  lease_until: Date | null;
  fence: Generated<number>;
  failures: Generated<number>;
}

export interface IdempotencyKeysTable {
  user_id: number;
  org_id: number;
  key: string;
  request_hash: Buffer;
  status: number;
  reply_sealed: Buffer;
  created_at: Date;
}

export interface AuditLogTable {
  id: GeneratedAlways<number>;
  at: Date;
  org_id: number | null;
  user_id: number | null;
  token_id: number | null;
  action: string;
  object_kind: string;
  object_id: number | null;
  request_id: string | null;
  detail: ColumnType<Record<string, unknown>, string, string>;
}

export interface PulledImagesTable {
  ref: string;
  image_id: string;
  pulled_at: Date;
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

export interface TokenUsesTable {
  token_id: number;
  last_used_at: Date;
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
