/** One thing that can be found: what it is called, and what else people may type for it. */
export interface Findable {
  text: string;
  /** More words that find it, such as the image of a container. */
  also?: string;
}

/** How many results are worth reading. */
const MOST = 50;

/**
 * The things that contain every word of what was typed, best first: those that begin with it, then those with a word
 * that does, then the others, each in their order.
 */
export function paletteFind<Thing extends Findable>(
  things: readonly Thing[],
  typed: string,
): Thing[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first = ''] = words;
  const found = things.flatMap((thing) => {
    const text = thing.text.toLowerCase();
    const all = `${text} ${thing.also?.toLowerCase() ?? ''}`;
    if (!words.every((word) => all.includes(word))) return [];
    const rank = text.startsWith(first) ? 0 : ` ${text}`.includes(` ${first}`) ? 1 : 2;
    return [{ thing, rank }];
  });
  return found
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ thing }) => thing);
}
