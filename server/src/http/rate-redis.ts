import { Redis } from 'ioredis';
import type { Logger } from 'pino';

const COMMAND_TIMEOUT_MS = 250;
const RECONNECT_MAX_MS = 5000;

/**
 * A connection for counting requests over several processes. While Redis is away commands fail at
 * once, and nobody is limited: better than nobody being served.
 */
export function rateRedisOpen(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS * 4,
    retryStrategy: (times) => Math.min(times * 100, RECONNECT_MAX_MS),
  });
  let isAway = false;
  redis.on('error', (error) => {
    if (!isAway) log.error({ err: error }, 'Redis is not reachable: requests are not limited');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis is reachable again');
    isAway = false;
  });
  return redis;
}
