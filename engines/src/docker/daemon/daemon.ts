/** Inspects the Docker daemon and its operator's configuration. */
import { statfs } from 'node:fs/promises';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { EngineError } from '../../contract.ts';
import { registryHost } from '../../registry/registry-guard.ts';
import { DockerCallError, dockerSocketPath } from './api.ts';
import type { DockerAddress } from '../base/options.ts';
import type { DockerApi } from './api.ts';
import type { RegistryClientOptions } from '../../registry/registry-client.ts';

const DOCKER_HUB_ENDPOINT = 'https://registry-1.docker.io';
const API_VERSION_MIN = [1, 41] as const;
/** Docker 28.0: the first version with the gateway mode `nat-unprotected`. */
const API_VERSION_UNPROTECTED = [1, 48] as const;

interface DockerVersion {
  ApiVersion: string;
  Version: string;
  Os: string;
  Arch: string;
}

interface DockerInfo {
  DockerRootDir: string;
  /** As printed by `uname -m`. */
  Architecture?: string;
  RegistryConfig?: {
    InsecureRegistryCIDRs?: string[] | null;
    IndexConfigs?: Record<string, { Secure: boolean }> | null;
    Mirrors?: string[] | null;
  };
}

/** An engine's address, for use in a sentence. */
function describeAddress(address: DockerAddress): string {
  return dockerSocketPath(address) ?? address.host ?? '';
}

function unreachable(address: DockerAddress, error: DockerCallError): EngineError {
  const where = describeAddress(address);
  const advice =
    error.code === 'EACCES' || error.code === 'EPERM'
      ? `This user may not use ${where}: run as root, or as a member of the group "docker".`
      : `No Docker engine answers at ${where} (${error.code ?? error.message}): start it, or set DOCKER_HOST.`;
  return new EngineError('retryable', 'engine_unreachable', advice, { cause: error });
}

function isApiVersion(version: string, [majorMin, minorMin]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** Whether the daemon filters traffic from other machines to a network, unless the network is created unprotected. */
export async function protectsNetworks(api: DockerApi, signal: AbortSignal): Promise<boolean> {
  const version = await api.call<DockerVersion>({ method: 'GET', path: '/version', signal });
  return isApiVersion(version.ApiVersion, API_VERSION_UNPROTECTED);
}

/** @throws EngineError with a sentence for the operator: unreachable, no permission, too old, wrong system. */
export async function daemonCheck(
  address: DockerAddress,
  api: DockerApi,
  signal: AbortSignal,
): Promise<DockerVersion> {
  let version: DockerVersion;
  try {
    version = await api.call<DockerVersion>({ method: 'GET', path: '/version', signal });
  } catch (error) {
    if (error instanceof DockerCallError && error.status === null)
      throw unreachable(address, error);
    throw error;
  }
  if (!isApiVersion(String(version.ApiVersion), API_VERSION_MIN)) {
    throw new EngineError(
      'permanent',
      'engine_too_old',
      `Docker ${version.Version} (API ${version.ApiVersion}) is too old: ` +
        `version 20.10 (API ${API_VERSION_MIN.join('.')}) or newer is needed.`,
    );
  }
  if (version.Os !== 'linux') {
    throw new EngineError(
      'permanent',
      'engine_unsupported',
      `The Docker engine runs ${version.Os} containers; Linux containers are needed.`,
    );
  }
  return version;
}

function isInCidrs(host: string, cidrs: readonly string[]): boolean {
  const family = isIPv4(host) ? 'ipv4' : 'ipv6';
  if (family === 'ipv6' && !isIPv6(host)) return false;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix = ''] = cidr.split('/');
    if (isIPv4(address) === (family === 'ipv4')) list.addSubnet(address, Number(prefix), family);
  }
  return list.check(host, family);
}

/** The daemon's settings for registries: mirrors, and which registries need no certificate. */
export async function registryOptionsRead(
  api: DockerApi,
  allowedRegistries: readonly string[],
  signal: AbortSignal,
): Promise<RegistryClientOptions> {
  const [version, info] = await Promise.all([
    api.call<DockerVersion>({ method: 'GET', path: '/version', signal }),
    api.call<DockerInfo>({ method: 'GET', path: '/info', signal }),
  ]);
  const hubMirrors = info.RegistryConfig?.Mirrors ?? [];
  // Newer versions of Docker include IPv6 loopback too.
  const insecureCidrs = ['::1/128', ...(info.RegistryConfig?.InsecureRegistryCIDRs ?? [])];
  const variant = /^arm(v\d)/.exec(info.Architecture ?? '')?.[1];
  return {
    platform: {
      os: version.Os,
      architecture: version.Arch,
      ...(variant !== undefined && { variant }),
    },
    hubEndpoints: [...hubMirrors, DOCKER_HUB_ENDPOINT],
    trusted: [...allowedRegistries, ...hubMirrors.flatMap((url) => URL.parse(url)?.host ?? [])],
    isInsecure(registry) {
      if (info.RegistryConfig?.IndexConfigs?.[registry]?.Secure === false) return true;
      const host = registryHost(registry);
      return isInCidrs(host === 'localhost' ? '127.0.0.1' : host, insecureCidrs);
    },
  };
}

/**
 * @param isLocal whether the daemon's disk is this machine's.
 * @returns bytes; null if unknown.
 */
export async function storageFreeRead(
  api: DockerApi,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<number | null> {
  if (!isLocal) return null;
  const info = await api.call<DockerInfo>({ method: 'GET', path: '/info', signal });
  try {
    const disk = await statfs(info.DockerRootDir);
    return disk.bavail * disk.bsize;
  } catch {
    // The folder belongs to the daemon: this process may have no access to it, or may see other mounts.
    return null;
  }
}
