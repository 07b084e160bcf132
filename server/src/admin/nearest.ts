const MAX_DISTANCE = 3;

/** The word of a list that was probably meant, or null if none is similar. */
export function nearest(word: string, words: readonly string[]): string | null {
  const [best] = words
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.min(MAX_DISTANCE, word.length - 1)
    ? best.candidate
    : null;
}

/** Levenshtein distance, except that a prefix of a word counts as similar. */
function distanceOf(from: string, to: string): number {
  if (from.length > 2 && to.startsWith(from)) return 1;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
