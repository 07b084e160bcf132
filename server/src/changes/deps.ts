import type { SecretBox } from '../base/secrets.ts';
import type { Clock, Random } from '../base/system.ts';

/** What operations stand on, besides the transaction. Time, ids and chance come from here. */
export interface ChangeDeps {
  clock: Clock;
  random: Random;
  secrets: SecretBox;
}
