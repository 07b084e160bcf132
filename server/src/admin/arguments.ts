import { parseArgs } from 'node:util';
import { OperatorError } from '../base/errors.ts';
import type { Command, CommandValues } from './command.ts';
import { nearest } from './nearest.ts';

/** A parsed command line. */
export type Arguments =
  | { kind: 'help'; command: Command | null }
  | { kind: 'run'; command: Command; values: CommandValues; json: boolean };

/** Options that every command accepts. */
const FLAGS = ['json', 'help'];

/**
 * Parses a command line.
 * @throws OperatorError with what is wrong with it and what was probably meant.
 */
export function argumentsRead(args: readonly string[], commands: readonly Command[]): Arguments {
  const [first, ...rest] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return { kind: 'help', command: rest[0] === undefined ? null : commandFind(rest[0], commands) };
  }
  const command = commandFind(first, commands);
  const { values, flags } = optionsRead(command, rest);
  if (flags.has('help')) return { kind: 'help', command };
  requiredCheck(command, values);
  return { kind: 'run', command, values, json: flags.has('json') };
}

function commandFind(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  if (name.startsWith('-')) {
    throw new OperatorError(
      `The command comes first, then its options, such as ${name}: see dollarbox-admin --help.`,
    );
  }
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  throw new OperatorError(
    `There is no command "${name}"${meant === null ? '.' : `; did you mean "${meant}"?`} See dollarbox-admin --help.`,
  );
}

function optionsRead(command: Command, args: readonly string[]) {
  const names = [...Object.keys(command.options), ...FLAGS];
  const isFlag = (name: string) => command.options[name]?.value === null;
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        Object.keys(command.options).map((name) => [
          name,
          { type: isFlag(name) ? ('boolean' as const) : ('string' as const) },
        ]),
      ),
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    tokens: true,
  });
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      fail(command, `The argument "${token.value}" belongs to no option.`);
    }
    const { name, rawName, value, inlineValue } = token;
    if (!names.includes(name)) {
      const meant = nearest(name, names);
      fail(
        command,
        `${command.name} has no option ${rawName}${meant === null ? '.' : `; did you mean --${meant}?`}`,
      );
    }
    if (FLAGS.includes(name) || isFlag(name)) {
      if (value !== undefined) fail(command, `The option --${name} takes no value.`);
      if (isFlag(name)) values[name] = 'yes';
      else flags.add(name);
      continue;
    }
    if (value === undefined || value === '') fail(command, `The option --${name} needs a value.`);
    if (inlineValue === false && /^-./.test(value)) {
      fail(
        command,
        `The option --${name} needs a value; write one that starts with a dash as --${name}=${value}.`,
      );
    }
    if (values[name] !== undefined) fail(command, `The option --${name} is given twice.`);
    values[name] = value;
  }
  return { values, flags };
}

function requiredCheck(command: Command, values: CommandValues): void {
  const missing = Object.entries(command.options)
    .filter(([name, { required }]) => required === true && values[name] === undefined)
    .map(([name]) => `--${name}`);
  if (missing.length > 0) {
    fail(command, `${command.name} needs ${missing.join(' and ')}.`);
  }
  const { oneOf } = command;
  if (oneOf !== undefined && !oneOf.some((name) => values[name] !== undefined)) {
    fail(command, `${command.name} needs ${oneOf.map((name) => `--${name}`).join(' or ')}.`);
  }
}

function fail(command: Command, sentence: string): never {
  throw new OperatorError(`${sentence} See dollarbox-admin ${command.name} --help.`);
}
