import { ExternalLink } from 'lucide-react';
import type { ContainerRow } from '../../api/org-queries.ts';
import { buttonStyle } from '../ui/button-style.ts';
import { CopyButton } from '../ui/copy-button.tsx';

/** The page that a container serves, by its first port. @returns null while it has no address. */
function pageUrl({ ipv6_address: address, ports }: ContainerRow): string | null {
  if (address === null) return null;
  const [port = 80] = ports;
  const scheme = port === 443 ? 'https' : 'http';
  const isDefault = port === 80 || port === 443;
  return `${scheme}://[${address}]${isDefault ? '' : `:${port}`}/`;
}

/** The address of a container, to copy and to open. */
export function ContainerAddress({ container }: { container: ContainerRow }) {
  const url = pageUrl(container);
  if (container.ipv6_address === null || url === null) {
    return <p className="text-sm text-soft">It gets its address when the engine has created it.</p>;
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <code className="font-mono text-base wrap-anywhere">{container.ipv6_address}</code>
      <span className="flex gap-2">
        <CopyButton text={container.ipv6_address} what="address" />
        {container.status === 'running' && (
          <a
            href={url}
            target="_blank"
            rel="noreferrer"
            className={buttonStyle('secondary', 'small')}
          >
            <ExternalLink className="size-3.5" aria-hidden="true" />
            Open
            <span className="sr-only">{url} in a new tab</span>
          </a>
        )}
      </span>
    </div>
  );
}
