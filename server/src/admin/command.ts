import type { Trx } from '../db/database.ts';
import type { Change } from '../changes/record.ts';
import type { Supervision } from '../backup/supervision.ts';
import type { Config } from '../base/config.ts';
import type { Clock, Random } from '../base/system.ts';
import type { SecretBox } from '../base/secrets.ts';

/** One option of a command: `--name <value>`. */
export interface CommandOption {
  /** The placeholder of the value in the help, e.g. `address`; null: the option takes no value, and is `yes` when given. */
  value: string | null;
  description: string;
  required?: boolean;
}

/** What a command can use. */
interface CommandContext {
  /** The command's only transaction: an error leaves nothing behind. */
  trx: Trx;
  config: Config;
  clock: Clock;
  random: Random;
  /** Says what the command waits for. */
  waiting(text: string): void;
  /** Encrypts secrets. @throws OperatorError if the key does not match the database. */
  secrets(): Promise<SecretBox>;
  /** Records a change in the same transaction, as the operator's. */
  audit(change: Omit<Change, 'at'>): Promise<void>;
}

/** The values of the given options. */
export type CommandValues = Readonly<Record<string, string>>;

/** The result of a command. */
export interface CommandResult {
  /** Printed with `--json`. */
  data: unknown;
  /** The same, formatted for people. */
  text: string;
  /** Additional text for people, printed in both forms. */
  talk?: string;
}

/** One command as data: the arguments are parsed, and the help is written, from it. */
interface CommandDescription {
  /** The name: noun, dash, verb. */
  name: string;
  summary: string;
  /** Additional text in the command's own help. */
  details?: string;
  options: Readonly<Record<string, CommandOption>>;
  /** Options of which at least one must be given. */
  oneOf?: readonly string[];
  /**
   * Prepares what needs no database, such as a hash or typed input. The values that it returns replace
   * the given ones.
   */
  prepare?(values: CommandValues, input: CommandInput): Promise<CommandValues>;
}

/** A command that is one transaction on the database. */
export interface DatabaseCommand extends CommandDescription {
  /** @throws OperatorError with a sentence that says what to do. */
  run(context: CommandContext, values: CommandValues): Promise<CommandResult>;
}

/** A command that opens what it needs itself. */
export interface LoneCommand extends CommandDescription {
  /** @throws OperatorError with a sentence that says what to do. */
  runAlone(context: LoneContext, values: CommandValues): Promise<CommandResult>;
}

export type Command = DatabaseCommand | LoneCommand;

export interface LoneContext extends Supervision {
  config: Config;
  /** Ending the process from now on would leave something behind: `signal` aborts if someone asks it to end. */
  begun(): void;
}

/** Input for what should not be on the command line. */
export interface CommandInput {
  /** One line, without its end. A person at a terminal sees `prompt` and types without echo. */
  lineRead(prompt: string): Promise<string>;
}
