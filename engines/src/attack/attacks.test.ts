import { after, before, describe, test } from 'node:test';
import { dockerMachineSkip } from '@dollarbox/testbed/docker-machine';
import { attackHostStart } from './attack-host.ts';
import type { AttackHost } from './attack-host.ts';
import { ATTACKS } from './attacks.ts';

describe('attacks of a tenant on a private daemon', { skip: dockerMachineSkip() }, () => {
  let host: AttackHost;
  before(async () => {
    host = await attackHostStart();
  });
  after(() => host.close());

  for (const attack of ATTACKS) {
    const outcome = attack.remains === true ? 'does no other harm than known' : 'is prevented';
    test(`${attack.name}: ${outcome}`, async () => void (await attack.run(host)));
  }
});
