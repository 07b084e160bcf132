/**
 * `npm run attack`: runs every attack on a private daemon and prints a table. Exits with 1 if one succeeded. Arguments
 * after `--` are parts of the names of the attacks to run; with `--host`, they may fill tables of the whole machine.
 */
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
const named = process.argv.slice(2).filter((word) => word !== '--host');
const attacks = ATTACKS.filter(
  ({ name }) => named.length === 0 || named.some((part) => name.includes(part)),
);
const host = await attackHostStart(isHostWide);
try {
  console.log('| attack | before | now |\n| --- | --- | --- |');
  for (const attack of attacks) {
    let now: string;
    try {
      now = `${attack.remains === true ? 'remains: ' : ''}${await attack.run(host)}`;
    } catch (error) {
      now = `**it worked**: ${error instanceof Error ? error.message : String(error)}`;
      process.exitCode = 1;
    }
    console.log(`| ${[attack.name, attack.before, now].map(oneLine).join(' | ')} |`);
  }
} finally {
  await host.close();
}
