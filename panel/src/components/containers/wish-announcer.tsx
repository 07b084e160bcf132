import { useEffect, useRef, useState } from 'react';
import type { ContainerRow } from '../../api/org-queries.ts';
import { containerStatusShow } from './status-words.ts';

/** More changes at once are not read out one by one. */
const MAX_NAMED = 3;

/** Tells screen readers when something is asked of a container in the list, and when it has come about. */
export function WishAnnouncer({ containers }: { containers: readonly ContainerRow[] }) {
  const before = useRef<ReadonlyMap<number, string | null>>(new Map());
  const [text, setText] = useState('');
  useEffect(() => {
    const now = containers.map((container) => ({
      container,
      shown: containerStatusShow(container),
    }));
    const changed = now.filter(({ container: { id }, shown: { wish } }) => {
      const known = before.current.get(id);
      return known !== undefined && known !== wish;
    });
    before.current = new Map(now.map(({ container: { id }, shown: { wish } }) => [id, wish]));
    if (changed.length > MAX_NAMED) setText(`${changed.length} containers changed.`);
    else if (changed.length > 0) {
      const parts = changed.map(({ container: { name }, shown: { word, wish } }) =>
        wish === null ? `${name}: ${word}.` : `${name}: ${word}, ${wish}`,
      );
      setText(parts.join(' '));
    }
  }, [containers]);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
