import type { Random } from '../base/system.ts';

const UID_LENGTH = 16;

/** An identity that no volume had before: 16 characters of a-z and 0-9. */
export function volumeUidCreate(random: Pick<Random, 'uuid'>): string {
  return random.uuid().replaceAll('-', '').slice(-UID_LENGTH);
}
