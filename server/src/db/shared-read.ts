import type { CompiledQuery } from 'kysely';
import type { Db } from './database.ts';

interface Waiter<Value> {
  resolve(value: Value | null): void;
  reject(error: unknown): void;
}

/** The reads that one statement answers: the waiters for each key. */
type Turn<Key, Value> = Map<Key, Waiter<Value>[]>;

/**
 * Creates a read of one object that shares its statement with all others requested in the same turn of the event loop:
 * under load, the statement is most of the cost of a read. The statement is sent after all of its reads were requested,
 * so each still sees everything committed before its request. It is built once, and sent with different keys each time.
 * @param build finds many objects, by a parameter that is the list of their keys.
 * @param collect groups the rows by key. A key that it omits does not exist.
 */
export function sharedRead<Key, Row, Value>(
  build: (db: Db, keys: Key[]) => { compile(): CompiledQuery<Row> },
  collect: (rows: Row[]) => Map<Key, Value>,
): (db: Db, key: Key) => Promise<Value | null> {
  const turns = new WeakMap<Db, Turn<Key, Value>>();
  const placeholder: Key[] = [];
  let compiled: CompiledQuery<Row> | undefined;

  async function read(db: Db, keys: Key[]): Promise<Map<Key, Value>> {
    compiled ??= build(db, placeholder).compile();
    const parameters = compiled.parameters.map((each) => (each === placeholder ? keys : each));
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters });
    return collect(rows);
  }

  async function send(db: Db, turn: Turn<Key, Value>): Promise<void> {
    turns.delete(db);
    try {
      const found = await read(db, [...turn.keys()]);
      for (const [key, waiters] of turn) {
        for (const waiter of waiters) waiter.resolve(found.get(key) ?? null);
      }
    } catch (error) {
      for (const waiter of [...turn.values()].flat()) waiter.reject(error);
    }
  }

  function turnOf(db: Db): Turn<Key, Value> {
    const begun = turns.get(db);
    if (begun !== undefined) return begun;
    const turn: Turn<Key, Value> = new Map();
    turns.set(db, turn);
    setImmediate(() => void send(db, turn));
    return turn;
  }

  return (db, key) =>
    new Promise((resolve, reject) => {
      const turn = turnOf(db);
      const waiters = turn.get(key);
      if (waiters === undefined) turn.set(key, [{ resolve, reject }]);
      else waiters.push({ resolve, reject });
    });
}
