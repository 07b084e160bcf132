import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** JSON lines; human-readable lines if the output is a terminal. */
export function logCreate(level: string): Logger {
  if (!process.stdout.isTTY) return pino({ level });
  return pino(
    { level },
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }),
  );
}
