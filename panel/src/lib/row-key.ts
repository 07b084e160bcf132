/** A row of a form, with a key that stays its own while rows are added and removed around it. */
export type Keyed<Row> = Row & { key: string };

/** Gives a row its key. */
export function keyed<Row>(row: Row): Keyed<Row> {
  return { ...row, key: Math.random().toString(36).slice(2) };
}
