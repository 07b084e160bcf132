/** Defines an attack: one thing that a tenant with an API token may try, and what prevents it. */
import type { AttackHost } from './attack-host.ts';

export interface Attack {
  name: string;
  /** What the attack achieved before there was a defense, in one sentence. */
  before: string;
  /** Set for an attack that nothing but a raised limit of the whole machine holds back. */
  remains?: boolean;
  /**
   * @returns what prevented it, in one sentence; of one that remains, how far it went.
   * @throws if the attack succeeded, or if one that remains does other harm than it is known for.
   */
  run(host: AttackHost): Promise<string>;
}
