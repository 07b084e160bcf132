import type { Command, CommandOption } from './command.ts';

const ENVIRONMENT = `The database is found as the server finds it, by DATABASE_URL (with SECRET_KEY) or DATA_DIR;
the embedded one is used beside a running server, or started for the time of the command.`;

/** The list of commands. */
export function helpAll(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return `Usage: dollarbox-admin <command> [options]

${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Every command takes --json (data on stdout, talk on stderr) and --help.

${ENVIRONMENT}
`;
}

/** The help of one command. */
export function helpCommand(command: Command): string {
  const options = Object.entries(command.options);
  const usage = options.map(([name, option]) => {
    const text = optionShow(name, option);
    return option.required === true ? text : `[${text}]`;
  });
  const rows = options.map(([name, option]): [string, string] => [
    optionShow(name, option),
    descriptionOf(option),
  ]);
  rows.push(['--json', 'print data for programs']);
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${command.summary}.

Usage: dollarbox-admin ${[command.name, ...usage].join(' ')} [--json]

${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}
${command.details === undefined ? '' : `\n${command.details}\n`}`;
}

function optionShow(name: string, { value }: CommandOption): string {
  return value === null ? `--${name}` : `--${name} <${value}>`;
}

function descriptionOf({ description, required }: CommandOption): string {
  return required === true ? `${description} (required)` : description;
}
