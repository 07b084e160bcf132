import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Environment,
  type EnvironmentReader,
  environmentReaderCreate,
} from './environment.ts';
import { OperatorError } from './errors.ts';
import { type ArmedFailpoint, failpointsParse } from './failpoints.ts';
import { ipv6PrefixParse } from './ipv6-prefix-parse.ts';

export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash. */
  publicUrl: string;
  dataDir: string;
  /** null: use the embedded database in `dataDir`. */
  databaseUrl: string | null;
  engine: 'docker' | 'kubernetes' | 'fake';
  dockerHost: string | null;
  /** Path of a kubeconfig; null: where kubectl finds one, or as it is given to a pod. */
  kubeconfig: string | null;
  /** The API server of the cluster as people reach it; null: as DollarBox does. */
  kubernetesPublicUrl: string | null;
  /** The StorageClass of new volumes; null: the cluster's default one. */
  storageClass: string | null;
  /** With Kubernetes: what the isolation probe runs. */
  probeImage: string | null;
  role: 'all' | 'api' | 'reconciler';
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  metricsPort: number;
  /** How many orgs a metric names; 0: there are no metrics by org. */
  metricsTopOrgs: number;
  rateLimitPerMinute: number;
  /** null: use the file `secret-key` in `dataDir`. */
  secretKey: string | null;
  allowedRegistries: readonly string[];
  /**
   * References of images on the engine that tenants may use although they were never pulled for a tenant; null: not
   * set.
   */
  allowedLocalImages: readonly string[] | null;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, for pulls. */
  proxyEnvironment: Readonly<Record<string, string | undefined>>;
  isolation: 'strict' | 'weak';
  /** The operator's own prefix, routed to the host, in short form; null: a random prefix that is not routed. */
  ipv6Prefix: string | null;
  /** Whether a new volume that has its own file system takes its whole size from the disk immediately. */
  volumeSpace: 'sparse' | 'reserved';
  /** Addresses or CIDRs whose `X-Forwarded-For` header is trusted. */
  trustedProxies: readonly string[];
  redisUrl: string | null;
  /** null: mail is stored for the operator. */
  smtpUrl: string | null;
  mailFrom: string;
  /** The folder that contains the built panel. */
  panelDir: string;
  /** Who may create an account. */
  signup: 'open' | 'invite' | 'closed';
  /** Whether people may create orgs besides the one that they sign up with. */
  orgCreation: 'open' | 'closed';
  /** How many orgs a person may own before they can't create another. */
  orgsPerOwner: number;
  /** Where tests make the process fail. */
  failpoints: readonly ArmedFailpoint[];
}

const PANEL_DIR = fileURLToPath(new URL('../../../panel/dist', import.meta.url));

/**
 * Reads the configuration from environment variables.
 * @throws OperatorError that names every invalid variable at once.
 */
export function configRead(env: Environment): Config {
  const faults: string[] = [];
  const values = environmentReaderCreate(env, faults);
  const { text, integer, choice, url, list } = values;

  const port = integer('PORT', 8080, 1, 65_535);
  const metricsPort = integer(
    'METRICS_PORT',
    port <= 64_535 ? port + 1000 : port - 1000,
    1,
    65_535,
  );
  if (metricsPort === port) faults.push('METRICS_PORT must differ from PORT');

  const databaseUrl = url('DATABASE_URL', ['postgres:', 'postgresql:']);
  const secretKey = text('SECRET_KEY');
  if (secretKey !== null && secretKey.length < 32) {
    faults.push('SECRET_KEY must have at least 32 characters (make one: openssl rand -base64 32)');
  }
  if (databaseUrl !== null && secretKey === null) {
    faults.push(
      'SECRET_KEY must be set together with DATABASE_URL, the same on every copy (make one: openssl rand -base64 32)',
    );
  }

  const trustedProxies = list('TRUSTED_PROXIES');
  for (const entry of trustedProxies) {
    if (!isAddressOrCidr(entry)) {
      faults.push(`TRUSTED_PROXIES must list addresses or CIDRs; "${entry}" is neither`);
    }
  }

  const publicUrl = publicOriginRead(values, faults, `http://localhost:${port}`);
  const mailFrom = text('MAIL_FROM') ?? `DollarBox <no-reply@${new URL(publicUrl).hostname}>`;
  if (!/^[^@\r\n]+@[^@\s]+$/.test(mailFrom)) {
    faults.push('MAIL_FROM must be an address, or of the form "Name <address>"');
  }

  const config: Config = {
    port,
    host: text('HOST') ?? 'localhost',
    publicUrl,
    dataDir: resolve(text('DATA_DIR') ?? 'data'),
    databaseUrl,
    engine: choice('ENGINE', 'docker', ['docker', 'kubernetes', 'fake']),
    dockerHost: url('DOCKER_HOST', ['unix:', 'tcp:', 'http:', 'https:']),
    kubeconfig: text('KUBECONFIG'),
    kubernetesPublicUrl: url('KUBERNETES_PUBLIC_URL', ['https:', 'http:']),
    storageClass: text('STORAGE_CLASS'),
    probeImage: text('PROBE_IMAGE'),
    role: choice('ROLE', 'all', ['all', 'api', 'reconciler']),
    logLevel: choice('LOG_LEVEL', 'info', [
      'fatal',
      'error',
      'warn',
      'info',
      'debug',
      'trace',
      'silent',
    ]),
    metricsPort,
    metricsTopOrgs: integer('METRICS_TOP_ORGS', 20, 0, 1000),
    rateLimitPerMinute: integer('RATE_LIMIT_PER_MINUTE', 600, 1, 10_000_000),
    secretKey,
    allowedRegistries: list('ALLOWED_REGISTRIES'),
    allowedLocalImages: text('ALLOWED_LOCAL_IMAGES') === null ? null : list('ALLOWED_LOCAL_IMAGES'),
    proxyEnvironment: proxyEnvironmentRead(env),
    isolation: choice('ISOLATION', 'strict', ['strict', 'weak']),
    ipv6Prefix: ipv6PrefixRead(values, faults),
    volumeSpace: choice('VOLUME_SPACE', 'sparse', ['sparse', 'reserved']),
    trustedProxies,
    redisUrl: url('REDIS_URL', ['redis:', 'rediss:']),
    mailFrom,
    smtpUrl: smtpUrlRead(values, faults),
    panelDir: resolve(text('PANEL_DIR') ?? PANEL_DIR),
    signup: choice('SIGNUP', 'invite', ['open', 'invite', 'closed']),
    orgCreation: choice('ORG_CREATION', 'open', ['open', 'closed']),
    orgsPerOwner: integer('ORGS_PER_OWNER', 3, 0, 10_000),
    failpoints: failpointsRead(env, values, faults),
  };
  if (faults.length > 0) throw new OperatorError(`${faults.join('; ')}.`);
  return Object.freeze(config);
}

/** Read in upper or lower case, as other programs do. Variables that are not set are left out. */
function proxyEnvironmentRead(env: Environment): Environment {
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];
  const found = names.map((name) => [name, env[name] || env[name.toLowerCase()]] as const);
  return Object.fromEntries(found.filter(([, value]) => value));
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** The origin that clients use: everything is served at its root. */
function publicOriginRead({ url }: EnvironmentReader, faults: string[], fallback: string): string {
  const raw = url('PUBLIC_URL', ['http:', 'https:']);
  if (raw === null) return fallback;
  const { origin, pathname, search, hash, username, password } = new URL(raw);
  if (`${search}${hash}${username}${password}` === '' && pathname === '/') return origin;
  faults.push(
    `PUBLIC_URL must be a scheme and a host alone, such as ${origin}: the panel and the API are served at the root of a host, not under a path`,
  );
  return fallback;
}

function smtpUrlRead({ text }: EnvironmentReader, faults: string[]): string | null {
  const raw = text('SMTP_URL');
  if (raw === null) return null;
  if (URL.canParse(raw)) {
    const { protocol, pathname, search, hash } = new URL(raw);
    const isWhole = hash === '' && !search.includes('@') && (pathname === '' || pathname === '/');
    if (isWhole && ['smtp:', 'smtps:'].includes(protocol)) return raw;
  }
  // Such a character in a password ends the host part of the URL early.
  faults.push(
    'SMTP_URL must be a URL of the form smtp://user:password@host:port or smtps://…; percent-encode characters such as # (%23), / (%2F), ? (%3F) and @ (%40) in its user name and password',
  );
  return null;
}

function ipv6PrefixRead({ text }: EnvironmentReader, faults: string[]): string | null {
  const raw = text('IPV6_PREFIX');
  if (raw === null) return null;
  try {
    return ipv6PrefixParse(raw);
  } catch (error) {
    faults.push(`IPV6_PREFIX ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function failpointsRead(
  env: Environment,
  { text }: EnvironmentReader,
  faults: string[],
): ArmedFailpoint[] {
  const raw = text('FAILPOINTS');
  if (raw === null) return [];
  if (env['NODE_ENV'] === 'production') {
    faults.push('FAILPOINTS makes the process fail, for tests: unset it');
    return [];
  }
  try {
    return failpointsParse(raw);
  } catch (error) {
    faults.push(`FAILPOINTS: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}
