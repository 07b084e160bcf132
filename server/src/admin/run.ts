import { OPERATOR } from '../changes/actor.ts';
import { changeRecord } from '../changes/record.ts';
import { type Config, configRead } from '../base/config.ts';
import { databaseClockOnce } from '../db/database-clock.ts';
import { isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import { brokenOff } from '../backup/supervision.ts';
import { type OpenBesideEvents, databaseOpenBeside } from '../db/open-beside.ts';
import { DomainError } from '../base/domain-error.ts';
import { OperatorError } from '../base/errors.ts';
import { secretKeyCheck } from '../installation/key-check.ts';
import { secretBoxCreate, secretKeyLoad } from '../base/secrets.ts';
import { systemRandom } from '../base/system.ts';
import { argumentsRead } from './arguments.ts';
import { backupCommands } from './backup.ts';
import type {
  Command,
  CommandInput,
  CommandResult,
  CommandValues,
  DatabaseCommand,
  LoneCommand,
  LoneContext,
} from './command.ts';
import { helpAll, helpCommand } from './help.ts';
import { invitationCommands } from './invitations.ts';
import { kubectlCommands } from './kubectl.ts';
import { memberCommands } from './members.ts';
import { orgCommands } from './orgs.ts';
import { peopleCommands } from './people.ts';
import { tokenCommands } from './tokens.ts';
import { userCommands } from './users.ts';
import { volumeCommands } from './volumes.ts';

/** Every command of `dollarbox-admin`. */
export const COMMANDS: readonly Command[] = [
  ...userCommands,
  ...peopleCommands,
  ...tokenCommands,
  ...orgCommands,
  ...memberCommands,
  ...invitationCommands,
  ...kubectlCommands,
  ...volumeCommands,
  ...backupCommands,
];

/** The environment of the commands. */
export interface AdminSurroundings {
  env: Record<string, string | undefined>;
  input: CommandInput;
  /** Standard output: data. */
  print(text: string): void;
  /** Standard error: messages for people. */
  tell(text: string): void;
  /** From now on the process should not be killed: it ends by itself within moments, or soon after `signal` aborts. */
  begun(): void;
  /** Aborts if the process is asked to end after `begun`. */
  signal: AbortSignal;
}

/**
 * Runs a command line.
 * @returns the exit code: 1 if nothing was done; the reason was printed.
 */
export async function adminRun(
  args: readonly string[],
  { env, input, print, tell, begun, signal }: AdminSurroundings,
): Promise<0 | 1> {
  try {
    const asked = argumentsRead(args, COMMANDS);
    if (asked.kind === 'help') {
      print(asked.command === null ? helpAll(COMMANDS) : helpCommand(asked.command));
      return 0;
    }
    const { command, json } = asked;
    const config = configRead(env);
    const values = (await command.prepare?.(asked.values, input)) ?? asked.values;
    const progress = (text: string) => tell(`${text}\n`);
    const result =
      'run' in command
        ? await databaseCommandRun(command, values, config, { waiting: progress, begun })
        : await loneCommandRun(command, { config, progress, begun, signal }, values);
    if (result.talk !== undefined) tell(`${result.talk}\n`);
    print(`${json ? JSON.stringify(result.data, null, 2) : result.text}\n`);
    return 0;
  } catch (error) {
    tell(`dollarbox-admin: ${sentenceOf(error)}\n`);
    return 1;
  }
}

async function databaseCommandRun(
  command: DatabaseCommand,
  values: CommandValues,
  config: Config,
  events: OpenBesideEvents,
): Promise<CommandResult> {
  const database = await databaseOpenBeside(config, events);
  try {
    const clock = await databaseClockOnce(database.db);
    return await database.db.transaction().execute((trx) =>
      command.run(
        {
          trx,
          config,
          clock,
          random: systemRandom,
          waiting: (text) => events.waiting(text),
          async secrets() {
            const secrets = secretBoxCreate(secretKeyLoad(config));
            await secretKeyCheck(trx, secrets);
            return secrets;
          },
          audit: (change) => changeRecord(trx, OPERATOR, { ...change, at: clock.now() }),
        },
        values,
      ),
    );
  } finally {
    await database.close();
  }
}

async function loneCommandRun(
  command: LoneCommand,
  context: LoneContext,
  values: CommandValues,
): Promise<CommandResult> {
  try {
    return await command.runAlone(context, values);
  } catch (error) {
    // The cause of whatever failed afterwards.
    throw context.signal.aborted ? brokenOff(error) : error;
  }
}

/** @throws errors that are bugs of ours, with their stack. */
function sentenceOf(error: unknown): string {
  if (error instanceof OperatorError || error instanceof DomainError) return error.message;
  if (isTransactionConflict(error)) return 'Another change was in the way: repeat the command.';
  if (isDatabaseUnavailable(error)) {
    return 'The database went away, or did not do this in time: look with a list whether the change was made before you repeat it.';
  }
  throw error;
}
