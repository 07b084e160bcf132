import Docker from 'dockerode';

/** Whether an engine answers, and if not, why: `denied` = it is there, for others; `silent` = not (yet). */
export type DockerProbe =
  | { state: 'answers'; version: string }
  | { state: 'denied' | 'absent' | 'silent'; reason: string };

const PROBE_TIMEOUT_MS = 5_000;

/**
 * Asks the engine for its version. Never throws.
 * @param socketPath where it is; null for what `DOCKER_HOST` and the variables that belong to it say.
 */
export async function dockerProbe(socketPath: string | null): Promise<DockerProbe> {
  const where = socketPath === null ? {} : { socketPath };
  try {
    const docker = new Docker({ ...where, timeout: PROBE_TIMEOUT_MS });
    return { state: 'answers', version: (await docker.version()).Version };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = error instanceof Error && error.message !== '' ? error.message : String(code);
    if (code === 'EACCES' || code === 'EPERM') return { state: 'denied', reason };
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { state: 'absent', reason };
    return { state: 'silent', reason };
  }
}
