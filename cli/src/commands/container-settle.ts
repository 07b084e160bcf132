import { type Container, containerWait } from '@dollarbox/client';
import { CliError } from '../base/exit.ts';
import type { Session } from '../base/session.ts';
import { aheadText } from '../base/moments.ts';
import { progressStart } from '../base/progress.ts';
import { containerUrl } from './container-url.ts';

const TIMEOUT_SECONDS = 300;
/** How often the progress learns of the status. */
const REQUEST_MS = 5000;

export interface WaitFlags {
  wait?: boolean;
  timeout?: number;
}

/** What to do about a failure, by its reason. */
const ADVICE: Readonly<Record<string, string>> = {
  image_not_found: 'Check the spelling of the image and its tag.',
  image_pull_denied:
    'The image is private or does not exist: add credentials with `dollarbox registries create`.',
  image_pull_error: 'The registry could not be reached; it is tried again by itself.',
  image_rejected: 'Use an image for this kind of machine.',
  start_error: 'Check the command of the container: `dollarbox update NAME -- COMMAND`.',
  exited: 'It is started again by itself. Its last lines say why it ended.',
  crash_loop: 'It ends again and again. Its last lines say why; change it with `dollarbox update`.',
  out_of_memory: 'It needs more memory than it has: change what it runs.',
  volume_busy: 'Another container still uses the volume: stop or change that one.',
  data_lost: 'The data of a volume is gone: see `dollarbox volumes show`.',
  quota: 'Ask the operator for a larger plan, or delete what is no longer needed.',
};

/**
 * Waits until a container has settled, and shows how it goes.
 * @param until `stopped` waits for the end of its process.
 * @throws CliError if it has failed, with why and what to do; WaitTimeout.
 */
export async function containerSettle(
  session: Session,
  container: Container,
  { timeout = TIMEOUT_SECONDS, until = 'settled' }: WaitFlags & { until?: 'settled' | 'stopped' },
): Promise<Container> {
  const progress = progressStart(session.io, `${container.name}: ${container.status}`);
  try {
    const settled = await containerWait(session.client, container.id, {
      timeoutMs: timeout * 1000,
      requestMs: REQUEST_MS,
      until,
      signal: session.io.signal,
      onRead: ({ name, status }) => progress.show(`${name}: ${status}`),
    });
    progress.end();
    failureThrow(settled);
    return settled;
  } finally {
    progress.end();
  }
}

/** Says where a container answers. */
export function containerAnnounce({ say }: Session, container: Container): void {
  const { name, status } = container;
  const url = containerUrl(container);
  if (status !== 'running') say(`${name} is ${status}.`);
  else say(url === null ? `${name} is running.` : `${name} is running at ${url}`);
}

/** @throws CliError if a container that has settled has failed, or its last change has. */
function failureThrow(container: Container): void {
  const { name, status, status_reason: reason, status_message: message } = container;
  const { next_retry_at: nextAt } = container;
  if (status !== 'failed' && reason === null) return;
  const what =
    status === 'failed'
      ? `${name} has failed (${reason ?? 'no reason is known'})`
      : `The change of ${name} could not be applied (${reason}); the former version goes on running`;
  const evidence = message === null ? '' : `\n${message}`;
  const next = nextAt === null ? '' : `\nThe next try is ${aheadText(nextAt)}.`;
  const advice = ADVICE[reason ?? ''] ?? 'See `dollarbox containers show` and `dollarbox events`.';
  throw new CliError('unsettled', `${what}.${evidence}${next}`, advice);
}
