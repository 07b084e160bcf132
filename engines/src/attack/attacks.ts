/** Every known attack, in the order of the table. */
import { ACCOUNT_FILE_ATTACKS } from './account-files.ts';
import type { Attack } from './attack.ts';
import { HOST_TABLE_ATTACKS } from './host-tables.ts';
import { IMAGE_ATTACKS } from './images.ts';
import { MOUNT_ATTACKS } from './mounts.ts';
import { NETWORK_ATTACKS } from './network.ts';
import { SYSTEM_CALL_ATTACKS } from './system-calls.ts';

export const ATTACKS: readonly Attack[] = [
  ...ACCOUNT_FILE_ATTACKS,
  ...MOUNT_ATTACKS,
  ...IMAGE_ATTACKS,
  ...NETWORK_ATTACKS,
  ...HOST_TABLE_ATTACKS,
  ...SYSTEM_CALL_ATTACKS,
];
