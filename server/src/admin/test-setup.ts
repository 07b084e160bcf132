import { adminRun } from './run.ts';

export interface AdminReply {
  code: number;
  out: string;
  err: string;
}

/** Runs commands on an existing database. `typed` is their input, `signal` whether
 * they are asked to end. */
export function adminOn(
  databaseUrl: string,
  environment: Record<string, string> = {},
  signal = new AbortController().signal,
) {
  return async (args: readonly string[], typed = ''): Promise<AdminReply> => {
    let out = '';
    let err = '';
    const code = await adminRun(args, {
      env: {
        DATABASE_URL: databaseUrl,
        SECRET_KEY: 'a key for tests only, of no use elsewhere',
        ...environment,
      },
      input: { lineRead: async () => typed },
      print: (text) => (out += text),
      tell: (text) => (err += text),
      begun() {},
      signal,
    });
    return { code, out, err };
  };
}
