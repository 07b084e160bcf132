import type { Container } from '@dollarbox/client';
import type { Color } from '../base/color.ts';
import { ageText, aheadText } from '../base/moments.ts';
import type { Column } from '../base/table.ts';

const STATUS_COLORS: Readonly<Record<Container['status'], Color | null>> = {
  running: 'green',
  pending: 'yellow',
  failed: 'red',
  stopped: 'dim',
};

export const CONTAINER_COLUMNS: readonly Column<Container>[] = [
  { title: 'ID', text: ({ id }) => String(id) },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'STATUS', text: statusText, color: ({ status }) => STATUS_COLORS[status] },
  { title: 'IMAGE', text: ({ image }) => image },
  { title: 'ADDRESS', text: (container) => container.ipv6_address ?? '-' },
  { title: 'RESTARTS', text: (container) => String(container.restart_count) },
  { title: 'AGE', text: (container) => ageText(container.created_at) },
];

/**
 * The status with what explains it: `failed (crash_loop), next try in 2 min`, `running (generation 3 of 4)`, and what was
 * asked for and has not come about: `running (stopping)`.
 */
function statusText(container: Container): string {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  const { desired_status: desired, restarting } = container;
  if (desired === 'stopped' && status !== 'stopped') return `${status} (stopping)`;
  if (reason !== null) return `${status} (${reason})${nextTryText(container)}`;
  if (restarting && status !== 'pending') return `${status} (restarting)`;
  const isChanging = status === 'running' && observed < generation;
  return isChanging ? `${status} (generation ${observed} of ${generation})` : status;
}

function nextTryText({ next_retry_at: at }: Container): string {
  return at === null ? '' : `, next try ${aheadText(at)}`;
}
