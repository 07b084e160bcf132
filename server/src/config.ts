import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorError } from './errors.ts';
import { type ArmedFailpoint, failpointsParse } from './failpoints.ts';
import { ipv6PrefixParse } from './installation/ipv6-prefix-parse.ts';

export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash. */
  publicUrl: string;
  dataDir: string;
  /** null: the embedded database in `dataDir`. */
  databaseUrl: string | null;
  engine: 'docker' | 'fake';
  dockerHost: string | null;
  role: 'all' | 'api' | 'reconciler';
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  metricsPort: number;
  rateLimitPerMinute: number;
  /** null: the file `secret-key` in `dataDir`. */
  secretKey: string | null;
  allowedRegistries: readonly string[];
  isolation: 'strict' | 'weak';
  /** The operator's own, routed to the host, in its short form; null: a random one that nobody routes. */
  ipv6Prefix: string | null;
  /** Whether a new volume takes its whole size from the disk at once, where it has a file system of its own. */
  volumeSpace: 'sparse' | 'reserved';
  /** Addresses or CIDRs whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  redisUrl: string | null;
  /** null: mail is kept for the operator. */
  smtpUrl: string | null;
  mailFrom: string;
  /** Where the panel was built. */
  panelDir: string;
  /** Who may make an account. */
  signup: 'open' | 'invite' | 'closed';
  /** Where tests make the process fail. */
  failpoints: readonly ArmedFailpoint[];
}

const PANEL_DIR = fileURLToPath(new URL('../../panel/dist', import.meta.url));

type Environment = Record<string, string | undefined>;

/**
 * Reads the configuration from environment variables.
 * @throws OperatorError naming every variable that is wrong, at once.
 */
export function configRead(env: Environment): Config {
  const faults: string[] = [];
  const text = (name: string): string | null => env[name]?.trim() || null;

  function integer(name: string, fallback: number, min: number, max: number): number {
    const raw = text(name);
    if (raw === null) return fallback;
    const value = Number(raw);
    if (/^\d+$/.test(raw) && value >= min && value <= max) return value;
    faults.push(`${name} must be a whole number from ${min} to ${max}, not "${raw}"`);
    return fallback;
  }

  function choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const raw = text(name);
    if (raw === null) return fallback;
    const found = choices.find((candidate) => candidate === raw);
    if (found !== undefined) return found;
    faults.push(`${name} must be one of ${choices.join(', ')}, not "${raw}"`);
    return fallback;
  }

  function url(name: string, protocols: readonly string[]): string | null {
    const raw = text(name);
    if (raw === null) return null;
    if (URL.canParse(raw) && protocols.includes(new URL(raw).protocol)) return raw;
    const forms = protocols.map((protocol) => `${protocol}//…`).join(' or ');
    faults.push(`${name} must be a URL of the form ${forms}`);
    return null;
  }

  function list(name: string): string[] {
    return (text(name) ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  }

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

  function failpoints(): ArmedFailpoint[] {
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

  function ipv6Prefix(): string | null {
    const raw = text('IPV6_PREFIX');
    if (raw === null) return null;
    try {
      return ipv6PrefixParse(raw);
    } catch (error) {
      faults.push(`IPV6_PREFIX ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  const trustedProxies = list('TRUSTED_PROXIES');
  for (const entry of trustedProxies) {
    if (!isAddressOrCidr(entry)) {
      faults.push(`TRUSTED_PROXIES must list addresses or CIDRs; "${entry}" is neither`);
    }
  }

  const publicUrl = (url('PUBLIC_URL', ['http:', 'https:']) ?? `http://localhost:${port}`).replace(
    /\/+$/,
    '',
  );
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
    engine: choice('ENGINE', 'docker', ['docker', 'fake']),
    dockerHost: url('DOCKER_HOST', ['unix:', 'tcp:', 'http:', 'https:']),
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
    rateLimitPerMinute: integer('RATE_LIMIT_PER_MINUTE', 600, 1, 10_000_000),
    secretKey,
    allowedRegistries: list('ALLOWED_REGISTRIES'),
    isolation: choice('ISOLATION', 'strict', ['strict', 'weak']),
    ipv6Prefix: ipv6Prefix(),
    volumeSpace: choice('VOLUME_SPACE', 'sparse', ['sparse', 'reserved']),
    trustedProxies,
    redisUrl: url('REDIS_URL', ['redis:', 'rediss:']),
    mailFrom,
    smtpUrl: url('SMTP_URL', ['smtp:', 'smtps:']),
    panelDir: resolve(text('PANEL_DIR') ?? PANEL_DIR),
    signup: choice('SIGNUP', 'invite', ['open', 'invite', 'closed']),
    failpoints: failpoints(),
  };
  if (faults.length > 0) throw new OperatorError(`${faults.join('; ')}.`);
  return Object.freeze(config);
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
