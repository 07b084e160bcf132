import type { ContainerWarning, PullPolicy } from '@dollarbox/engines/contract';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type {
  AttemptsTable,
  ClientLoginsTable,
  MailsTable,
  OneTimeTokensTable,
  PasskeysTable,
  SessionUsesTable,
  SessionsTable,
  TokenUsesTable,
  TokensTable,
  TwoFactorsTable,
  UsersTable,
} from './types-account.ts';

/** The tables as Kysely sees them. A test compares this file with the database's catalogue. */
export interface Database {
  installation: InstallationTable;
  users: UsersTable;
  orgs: OrgsTable;
  org_slugs: OrgSlugsTable;
  memberships: MembershipsTable;
  invitations: InvitationsTable;
  tokens: TokensTable;
  containers: ContainersTable;
  container_instances: ContainerInstancesTable;
  volumes: VolumesTable;
  work: WorkTable;
  idempotency_keys: IdempotencyKeysTable;
  idempotency_usage: IdempotencyUsageTable;
  audit_log: AuditLogTable;
  events: EventsTable;
  event_horizons: EventHorizonsTable;
  pulled_images: PulledImagesTable;
  image_rights: ImageRightsTable;
  registries: RegistriesTable;
  kubectl_credentials: KubectlCredentialsTable;
  sessions: SessionsTable;
  session_uses: SessionUsesTable;
  token_uses: TokenUsesTable;
  client_logins: ClientLoginsTable;
  one_time_tokens: OneTimeTokensTable;
  two_factors: TwoFactorsTable;
  passkeys: PasskeysTable;
  attempts: AttemptsTable;
  mails: MailsTable;
}

export type Role = 'owner' | 'admin' | 'member';
/** The roles that an invitation can give. */
export type InvitedRole = InvitationsTable['role'];
export type ContainerStatus = 'pending' | 'running' | 'failed' | 'stopped';
export type VolumeStatus = 'pending' | 'provisioning' | 'bound' | 'failed';

/** A volume in a container, as the client specified it. */
export interface Mount {
  volume: number;
  mount_path: string;
}

interface InstallationTable {
  singleton: Generated<boolean>;
  id: string;
  ipv6_prefix: string;
  ipv6_routed_prefix: string | null;
  key_check: Buffer | null;
  isolation: 'isolated' | 'weak' | 'unknown' | null;
  storage_low: Generated<boolean>;
  addresses_given: Generated<boolean>;
  volume_storage_class: string | null;
  volume_size_enforced: boolean | null;
  event_feed: Generated<number>;
  created_at: Date;
}

interface OrgsTable {
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
  removal_limit: Generated<number>;
  volume_gb_count: Generated<number>;
  ipv6_subnet: string;
  ipv4_subnet: string | null;
  generation: Generated<number>;
  created_at: Date;
  event_position: Generated<string>;
}

/** The slugs of all orgs, deleted ones included. */
interface OrgSlugsTable {
  slug: string;
}

interface MembershipsTable {
  id: GeneratedAlways<number>;
  org_id: number;
  user_id: number;
  role: Role;
  joined_at: Date;
  generation: Generated<number>;
  event_position: Generated<string>;
}

interface InvitationsTable {
  id: GeneratedAlways<number>;
  org_id: number;
  email: string;
  role: 'admin' | 'member';
  invited_by: number | null;
  link_hash: Buffer;
  mail_hash: Buffer;
  generation: Generated<number>;
  created_at: Date;
  expires_at: Date;
  accepted_at: Date | null;
  revoked_at: Date | null;
  event_position: Generated<string>;
}

interface ContainersTable {
  id: Generated<number>;
  org_id: number;
  name: string;
  image: string;
  env_sealed: Buffer;
  command: string[];
  ports: number[];
  ipv6_address: string | null;
  generation: Generated<number>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  status: Generated<ContainerStatus>;
  status_reason: string | null;
  status_message: string | null;
  status_since: Generated<Date>;
  next_retry_at: Date | null;
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
  exit_count: Generated<number>;
  exit_finished_at: Date | null;
  restart_at: Date | null;
  pull_policy: Generated<PullPolicy>;
  stop_grace_seconds: Generated<number>;
  init: Generated<boolean>;
  warnings: ColumnType<ContainerWarning[], string | undefined, string>;
  event_position: Generated<string>;
  env_changed: Generated<string[]>;
  is_stopped: Generated<boolean>;
  restart_ref: string | null;
  pull_again_at: Date | null;
  volumes: ColumnType<Mount[], string, string>;
}

/** The starts of containers' processes. */
interface ContainerInstancesTable {
  container_id: number;
  number: number;
  object: number;
  ref: string;
  generation: number;
  started_at: Date;
  lines_sealed: Buffer | null;
  lost_lines: number | null;
  kept_at: Date | null;
  kept_lines: Generated<number>;
  is_cut_off: Generated<boolean>;
}

interface VolumesTable {
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
  storage_class: string;
  size_enforced: boolean;
  used_bytes: number | null;
  revision: Generated<number>;
  attempt_at: Date;
  ref: string | null;
  event_position: Generated<string>;
  of_image: Generated<boolean>;
}

interface WorkTable {
  kind: string;
  object_id: number;
  org_id: Generated<number>;
  due_at: Date | null;
  wake_seq: Generated<number>;
  hint_seq: Generated<number>;
  lease_owner: number | null;
  lease_until: Date | null;
  fence: Generated<number>;
  failures: Generated<number>;
  hangs: Generated<number>;
  engine_back_at: Date | null;
}

interface IdempotencyKeysTable {
  user_id: number;
  org_id: number;
  key: string;
  request_hash: Buffer;
  status: number;
  reply_sealed: Buffer;
  created_at: Date;
}

/** How many bytes of replies are stored for each org. */
interface IdempotencyUsageTable {
  org_id: number;
  bytes: number;
}

interface AuditLogTable {
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
  session_id: number | null;
  ip_address: string | null;
  changes: ColumnType<Record<string, unknown>, string, string>;
}

/** Written by triggers and by the statements that create objects. */
interface EventsTable {
  position: string;
  id: GeneratedAlways<number>;
  at: Date;
  org_id: number;
  type: string;
  object_kind: string;
  object_id: number;
  object: ColumnType<Record<string, unknown>, string, string>;
  previous_attributes: ColumnType<Record<string, unknown>, string, string>;
  actor: ColumnType<EventActor | null, string | null, string | null>;
}

/** Who made the change of an event. */
export interface EventActor {
  user_id: number | null;
  token_id: number | null;
  request_id: string | null;
}

/** The newest event of an org that has been removed. */
interface EventHorizonsTable {
  org_id: number;
  position: string;
  id: number;
}

interface PulledImagesTable {
  ref: string;
  image_id: string;
  pulled_at: Date;
}

interface ImageRightsTable {
  org_id: number;
  /** As in `pulled_images`. */
  ref: string;
  registry: string;
  image_id: string;
  /** Digests of the layers, if this registry served all of them; otherwise empty. */
  layers: string[];
  obtained_at: Date;
  /** The credential that the pull used. */
  registry_id: number | null;
}

interface RegistriesTable {
  id: GeneratedAlways<number>;
  org_id: number;
  host: string;
  /** The same for all spellings of the host. */
  host_key: string;
  path_prefix: string;
  username: string;
  secret_sealed: Buffer;
  secret_fingerprint: string;
  created_at: Date;
  event_position: Generated<string>;
}

interface KubectlCredentialsTable {
  id: GeneratedAlways<number>;
  /** The org and the member may be gone while the engine still has the account. */
  org_id: number;
  user_id: number;
  name: string | null;
  /** What it is called on the engine. */
  sa_name: string;
  /** Whether it counts among those that are made often, for an hour or less. */
  is_short: boolean;
  /** Of the Idempotency-Key of the request that issues it. */
  request_key: Buffer | null;
  created_at: Date;
  expires_at: Date | null;
  /** null: the engine is being asked for it. */
  issued_at: Date | null;
  /** Revoked: the engine is to remove it. */
  deleted_at: Date | null;
  event_position: Generated<string>;
}
