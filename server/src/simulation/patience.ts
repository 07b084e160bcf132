/** In calm, what the sweep has to find is found within this time. */
export const SWEPT_MS = 40_000;
/** In calm, what is due has its turn within this time. */
export const TURN_MS = 30_000;
/** In calm, what is deleted is gone within this time: the longest wait after an error that seemed to last. */
export const DELETED_MS = 400_000;
/** Retries, leases and looking again, beyond a deadline. */
export const SLACK_MS = 120_000;
