/** In calm conditions, a sweep finds what it has to find within this time. */
export const SWEPT_MS = 40_000;
/** In calm conditions, a due object has its turn within this time. */
export const TURN_MS = 30_000;
/**
 * In calm conditions, a deleted object is gone within this time: the longest wait after an error that seemed permanent.
 */
export const DELETED_MS = 400_000;
/** Allowance for retries, leases and repeated checks, beyond a deadline. */
export const SLACK_MS = 120_000;
