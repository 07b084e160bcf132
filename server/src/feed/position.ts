/** Where an event stands in the feed: a transaction id, and a number within it. */
export interface EventPosition {
  /** An `xid8`, which may exceed what a JavaScript number holds. */
  position: string;
  id: number;
}

/**
 * The id of an event, which is also the cursor behind it. Opaque to clients.
 * @param feed the number of the feed. It changes when positions lose their meaning, e.g. when a backup is restored.
 */
export function eventIdFormat(feed: number, { position, id }: EventPosition): string {
  return Buffer.from(`p=${feed}.${position}.${id}`).toString('base64url');
}

/** Whether a position is behind another one, as PostgreSQL orders them. */
export function isBehind(position: EventPosition, other: EventPosition): boolean {
  const [mine, others] = [BigInt(position.position), BigInt(other.position)];
  return mine === others ? position.id > other.id : mine > others;
}

/** A position in one feed. */
export interface EventCursor extends EventPosition {
  feed: number;
}

/** @returns null if the text is not an id of ours. */
export function eventIdParse(text: string): EventCursor | null {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const match = /^p=(\d{1,9})\.(\d{1,19})\.(\d{1,15})$/.exec(decoded);
  if (match === null) return null;
  const [, feed = '', position = '', id = ''] = match;
  return { feed: Number(feed), position, id: Number(id) };
}
