/** Where a line stands among all lines of a container. */
export interface LinePlace {
  /** The number of the first instance of the object that wrote it. */
  object: number;
  /** The instance that wrote it, as far as that was known when the line was read. */
  instance: number | null;
  /** The engine's position of the line within that object's log. */
  position: string;
}

export interface LogCursor extends LinePlace {
  /** The lines before it are wanted, not those behind it. */
  backwards: boolean;
}

/** `p=<object>-<instance>.<position>`, backwards `r=1&p=…`, in base64url. Opaque to clients. */
export function logCursorFormat(
  { object, instance, position }: LinePlace,
  backwards = false,
): string {
  const number = instance === null ? '' : `-${instance}`;
  return Buffer.from(`${backwards ? 'r=1&' : ''}p=${object}${number}.${position}`).toString(
    'base64url',
  );
}

/** @returns null if the text is not a cursor of ours. */
export function logCursorParse(text: string): LogCursor | null {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const match = /^(r=1&)?p=([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?\.([A-Za-z0-9._-]{1,60})$/.exec(
    decoded,
  );
  if (match === null) return null;
  const [, backwards, object = '', instance, position = ''] = match;
  const cursor = {
    object: Number(object),
    instance: instance === undefined ? null : Number(instance),
    position,
    backwards: backwards !== undefined,
  };
  // Decoders of base64 skip invalid characters.
  return logCursorFormat(cursor, cursor.backwards) === text.replace(/=+$/, '') ? cursor : null;
}
