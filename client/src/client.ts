/** What users of the package import. */
export {
  type ClientOptions,
  type Container,
  type ContainerStats,
  type DollarboxClient,
  type Event,
  type LogRow,
  type Volume,
  dollarboxClientCreate,
  unwrap,
} from './connect.ts';
export { DollarboxError, type ErrorCode } from './error.ts';
export {
  type EventsFollowOptions,
  type FollowOptions,
  type LogsFollowOptions,
  eventsFollow,
  logsFollow,
} from './follow.ts';
export { listAll, pagesAll } from './list.ts';
export { type LogFilter, logsRead } from './logs.ts';
export { type Retry, type RetryOptions, pause, sendRetrying } from './retry.ts';
export {
  type ContainerWaitOptions,
  type WaitOptions,
  WaitTimeout,
  containerIsSettled,
  containerWait,
  volumeIsSettled,
  volumeWait,
} from './wait.ts';
