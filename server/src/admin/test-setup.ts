import { adminRun } from './run.ts';

export interface AdminReply {
  code: number;
  out: string;
  err: string;
}

/** Runs commands on a database that is there. `typed` is what they read from their input. */
export function adminOn(databaseUrl: string, environment: Record<string, string> = {}) {
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
    });
    return { code, out, err };
  };
}
