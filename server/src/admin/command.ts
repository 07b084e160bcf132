import type { AuditEntry } from '../audit/store.ts';
import type { Supervision } from '../backup/supervision.ts';
import type { Config } from '../config.ts';
import type { Clock, Random } from '../deps.ts';
import type { Trx } from '../http/write.ts';
import type { SecretBox } from '../secrets.ts';

/** One option of a command: `--name <value>`. */
export interface CommandOption {
  /** What stands for the value in the help, e.g. `address`; null: it takes none, and is `yes` when it is given. */
  value: string | null;
  description: string;
  required?: boolean;
}

/** What a command works with. */
interface CommandContext {
  /** The command's one transaction: an error leaves nothing behind. */
  trx: Trx;
  config: Config;
  clock: Clock;
  random: Random;
  /** What seals, of those commands that need it. @throws OperatorError when the key is another one. */
  secrets(): Promise<SecretBox>;
  /** Records a change in the same transaction, as the operator's. */
  audit(
    entry: Pick<AuditEntry, 'action' | 'objectKind' | 'objectId' | 'orgId' | 'detail'>,
  ): Promise<void>;
}

/** Values of the options that were given. */
export type CommandValues = Readonly<Record<string, string>>;

/** What a command found or did. */
export interface CommandResult {
  /** For `--json`. */
  data: unknown;
  /** The same for people. */
  text: string;
  /** Beside the data, for people in both forms. */
  talk?: string;
}

/** One command as data: what arguments are read by, and what the help is made from. */
interface CommandDescription {
  /** Noun, dash, verb. */
  name: string;
  summary: string;
  /** More for the command's own help. */
  details?: string;
  options: Readonly<Record<string, CommandOption>>;
  /** Options of which at least one must be given. */
  oneOf?: readonly string[];
  /**
   * Makes ready what needs no database, such as a hash or what is typed in; the values that it returns take the
   * place of those given.
   */
  prepare?(values: CommandValues, input: CommandInput): Promise<CommandValues>;
}

/** A command that is one transaction on the database. */
export interface DatabaseCommand extends CommandDescription {
  /** @throws OperatorError with a sentence that says what to do. */
  run(context: CommandContext, values: CommandValues): Promise<CommandResult>;
}

/** A command that opens what it needs by itself. */
export interface LoneCommand extends CommandDescription {
  /** @throws OperatorError with a sentence that says what to do. */
  runAlone(context: LoneContext, values: CommandValues): Promise<CommandResult>;
}

export type Command = DatabaseCommand | LoneCommand;

export interface LoneContext extends Supervision {
  config: Config;
  clock: Clock;
  /** From now on an end of the process would leave something behind: `signal` tells who wants it to end. */
  begun(): void;
}

/** Where a command reads what should not be on the command line. */
export interface CommandInput {
  /** One line, without its end. `prompt` is shown to a person at a terminal, who then types unseen. */
  lineRead(prompt: string): Promise<string>;
}
