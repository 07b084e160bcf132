/** What the words of `status_reason` mean to people; one that is not here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  image_not_found: 'Image not found',
  image_pull_denied: 'Pull denied',
  image_pull_error: 'Pull failed',
  image_rejected: 'Image rejected',
  start_error: 'Can’t start',
  exited: 'Exited',
  crash_loop: 'Crash loop',
  out_of_memory: 'Out of memory',
  volume_busy: 'Waits for a volume',
  data_lost: 'Data lost',
  unschedulable: 'No room',
  quota: 'Quota exceeded',
  probe_failed: 'Health check failed',
  timeout: 'Timed out',
  engine_error: 'Engine error',
  waits_for_consumer: 'Waits for a container',
};

/** What to do about a reason, in a sentence. */
const ADVICE: Readonly<Record<string, string>> = {
  image_not_found: 'Check the image’s name and tag in its settings.',
  image_pull_denied:
    'If the image is private, add a credential for its registry, then restart the container.',
  image_pull_error: 'The registry can’t be reached or failed. The pull is repeated automatically.',
  exited: 'It is restarted automatically, after a delay that grows with each exit.',
  crash_loop:
    'It has exited three times within ten minutes. It is restarted with growing delays; correct what it reports, then save or restart.',
  out_of_memory: 'A container has 1 GiB of memory. Make the program use less.',
  volume_busy: 'It starts as soon as the container that had the volume has ended.',
};

/** The words for a reason. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

/** What to do about a reason; null if there is nothing to say. */
export function reasonAdvice(reason: string): string | null {
  return ADVICE[reason] ?? null;
}
