/** What has to be known of an image to run it. Pure. */
import { exposedPortsRead, volumePathsRead } from '../../registry/image-config.ts';
import { imageUserParse } from '../../registry/image-user.ts';
import type { RemoteImage } from '../../registry/registry-client.ts';
import type { ImageReference } from '../../registry/image-reference.ts';

export interface ImageFacts {
  /** The full reference by digest, as nodes pull it. */
  imageId: string;
  exposedPorts: number[];
  volumePaths: string[];
  /** Whether its processes run as root, unless told otherwise. */
  isRoot: boolean;
}

interface ConfigFile {
  config?: { ExposedPorts?: object; Volumes?: object; User?: string } | null;
}

export function imageFactsRead(
  { registry, repository }: ImageReference,
  { digest, configContent }: Pick<RemoteImage, 'digest' | 'configContent'>,
): ImageFacts {
  const { config } = JSON.parse(configContent.toString('utf8')) as ConfigFile;
  return {
    imageId: `${registry}/${repository}@${digest}`,
    exposedPorts: exposedPortsRead({ ...config?.ExposedPorts }),
    volumePaths: volumePathsRead({ ...config?.Volumes }),
    isRoot: imageUserParse(config?.User ?? '') === null,
  };
}
