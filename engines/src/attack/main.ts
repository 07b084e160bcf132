/** `npm run attack`: runs every attack on a private daemon and prints a table. Exits with 1 if one succeeded. */
import { dockerMachineSkip } from '@dollarbox/testbed/docker-machine';
import { attackHostStart } from './attack-host.ts';
import { ATTACKS } from './attacks.ts';

const LINE_MAX_LENGTH = 300;

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, LINE_MAX_LENGTH);
}

const skip = dockerMachineSkip();
if (skip !== false) {
  console.error(`The attacks can't be run here: ${skip}.`);
  process.exit(1);
}
const isHostWide = process.argv.includes('--host');
const host = await attackHostStart(isHostWide);
try {
  console.log('| attack | before | now |\n| --- | --- | --- |');
  for (const attack of ATTACKS) {
    let now: string;
    if (attack.isHostWide === true && !isHostWide) {
      now = 'not run: it fills a table of the whole machine (`npm run attack -- --host`)';
    } else {
      try {
        now = await attack.run(host);
      } catch (error) {
        now = `**it worked**: ${error instanceof Error ? error.message : String(error)}`;
        process.exitCode = 1;
      }
    }
    console.log(`| ${[attack.name, attack.before, now].map(oneLine).join(' | ')} |`);
  }
} finally {
  await host.close();
}
