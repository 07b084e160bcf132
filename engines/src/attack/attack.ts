/** Defines an attack: one thing that a tenant with an API token may try, and what prevents it. */
import type { AttackHost } from './attack-host.ts';

export interface Attack {
  name: string;
  /** What the attack achieved before there was a defense, in one sentence. */
  before: string;
  /** Set for an attack that fills a table of the whole host. */
  isHostWide?: boolean;
  /**
   * @returns what prevented it, in one sentence.
   * @throws if the attack succeeded.
   */
  run(host: AttackHost): Promise<string>;
}
