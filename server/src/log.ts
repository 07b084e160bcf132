import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Lines of JSON; at a terminal, lines for people. */
export function logCreate(level: string): Logger {
  if (!process.stdout.isTTY) return pino({ level });
  return pino(
    { level },
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }),
  );
}
