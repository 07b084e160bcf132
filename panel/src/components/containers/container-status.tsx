import { useConnection } from '../../api/connection.ts';
import type { ContainerRow } from '../../api/org-queries.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { containerStatusShow } from './status-words.ts';

/** The status of a container with what was asked of it, greyed while the server is silent. */
export function ContainerStatus({ container }: { container: ContainerRow }) {
  const { state } = useConnection();
  const { look, word, wish } = containerStatusShow(container);
  return <StatusMark look={look} word={word} wish={wish} isOld={state !== 'live'} />;
}
