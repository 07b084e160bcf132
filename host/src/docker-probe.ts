import Docker from 'dockerode';

/**
 * Whether an engine answers, and if not, why: `denied` = it exists but refuses this user; `silent` = no answer (yet).
 */
export type DockerProbe =
  | { state: 'answers'; version: string }
  | { state: 'denied' | 'absent' | 'silent'; reason: string };

const PROBE_TIMEOUT_MS = 5_000;
const DEFAULT_SOCKET_PATH = '/var/run/docker.sock';
const DEFAULT_PORT = 2375;
const TLS_PORT = 2376;

/**
 * Asks the engine for its version. Never throws.
 * @param address a socket's path, or an address as in `DOCKER_HOST`.
 */
export async function dockerProbe(address: string): Promise<DockerProbe> {
  try {
    const docker = new Docker({ ...connectionOf(address), timeout: PROBE_TIMEOUT_MS });
    return { state: 'answers', version: (await docker.version()).Version };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = error instanceof Error && error.message !== '' ? error.message : String(code);
    if (code === 'EACCES' || code === 'EPERM') return { state: 'denied', reason };
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { state: 'absent', reason };
    return { state: 'silent', reason };
  }
}

/** For options that are not given, dockerode uses DOCKER_HOST and the TLS variables. */
function connectionOf(address: string): Docker.DockerOptions {
  if (!address.includes('://')) return { host: '', socketPath: address };
  if (address.startsWith('unix://')) {
    return { host: '', socketPath: address.slice('unix://'.length) || DEFAULT_SOCKET_PATH };
  }
  const url = new URL(address);
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const isTls = url.protocol === 'https:' || port === TLS_PORT;
  return { host: url.hostname, port, ...(isTls ? { protocol: 'https' } : {}) };
}
