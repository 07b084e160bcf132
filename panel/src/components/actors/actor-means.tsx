import type { Means } from './actor-words.ts';

/** By what somebody did something: "the panel", "token deploy". */
export function ActorMeans({ means }: { means: Means }) {
  if (means === 'panel') return 'the panel';
  if (means.token === null) return 'an API token';
  return (
    <>
      token <span className="font-medium">{means.token}</span>
    </>
  );
}
