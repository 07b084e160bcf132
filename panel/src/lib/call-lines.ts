import { wordsFormat } from './command-text.ts';

/** A container as the commands below describe it: what is absent is the default. */
interface Described {
  name: string;
  image: string;
  env?: Readonly<Record<string, string>>;
  command?: readonly string[];
  ports?: readonly number[];
  volumes?: readonly { volume: number; mount_path: string }[];
  pull_policy?: string;
  stop_grace_seconds?: number;
  init?: boolean;
}

/** A command line that creates a container. @param nameOf the name of a volume, which is easier to read than its id. */
export function cliCreateLines(
  org: string,
  container: Described,
  nameOf: (volume: number) => string,
): string {
  const { name, image, env = {}, command = [], ports = [], volumes = [] } = container;
  const flags: string[][] = [
    ['--org', org],
    ...Object.entries(env).map(([key, value]) => ['--env', `${key}=${value}`]),
    ...ports.map((port) => ['--port', String(port)]),
    ...volumes.map(({ volume, mount_path: path }) => ['--volume', `${nameOf(volume)}:${path}`]),
    ...(container.pull_policy === undefined ? [] : [['--pull-policy', container.pull_policy]]),
    ...(container.stop_grace_seconds === undefined
      ? []
      : [['--stop-grace', String(container.stop_grace_seconds)]]),
    ...(container.init === true ? [['--init']] : []),
    ...(command.length === 0 ? [] : [['--', ...command]]),
  ];
  return [['dollarbox', 'create', name, image], ...flags].map(wordsFormat).join(' \\\n  ');
}

/** A Terraform resource that creates a container. */
export function terraformLines(org: string, container: Described): string {
  const { name, image, env = {}, command = [], ports = [], volumes = [] } = container;
  const attributes: [string, string][] = [
    ['org', hclText(org)],
    ['name', hclText(name)],
    ['image', hclText(image)],
  ];
  if (command.length > 0) attributes.push(['command', `[${command.map(hclText).join(', ')}]`]);
  if (ports.length > 0) attributes.push(['ports', `[${ports.join(', ')}]`]);
  if (container.pull_policy !== undefined) {
    attributes.push(['pull_policy', hclText(container.pull_policy)]);
  }
  if (container.stop_grace_seconds !== undefined) {
    attributes.push(['stop_grace_seconds', String(container.stop_grace_seconds)]);
  }
  if (container.init === true) attributes.push(['init', 'true']);
  if (volumes.length > 0) {
    const mounts = volumes.map(
      ({ volume, mount_path: path }) =>
        `{ volume = ${hclText(String(volume))}, mount_path = ${hclText(path)} }`,
    );
    attributes.push(['volumes', `[\n    ${mounts.join(',\n    ')},\n  ]`]);
  }
  const variables = aligned(Object.entries(env).map(([key, value]) => [key, hclText(value)]));
  if (variables.length > 0) {
    attributes.push(['env', `{\n${variables.map((line) => `    ${line}\n`).join('')}  }`]);
  }
  const label = /^[a-z][-a-z0-9]*$/.test(name) ? name : 'container';
  const lines = aligned(attributes).map((line) => `  ${line}`);
  return [`resource "dollarbox_container" ${hclText(label)} {`, ...lines, '}'].join('\n');
}

/** Attributes one below the other, with their equals signs in one column while they follow each other, as `terraform fmt` does. */
function aligned(attributes: readonly (readonly [string, string])[]): string[] {
  const single = attributes.filter(([, value]) => !value.includes('\n'));
  const width = Math.max(0, ...single.map(([key]) => key.length));
  return attributes.map(([key, value]) =>
    value.includes('\n') ? `${key} = ${value}` : `${key.padEnd(width)} = ${value}`,
  );
}

/** A text in quotes, as HCL reads it: `${` and `%{` would begin a template. */
function hclText(text: string): string {
  const quoted = JSON.stringify(text)
    .replaceAll(String.raw`\b`, String.raw`\u0008`)
    .replaceAll(String.raw`\f`, String.raw`\u000c`);
  return quoted.replaceAll(/[$%](?=\{)/g, '$&$&');
}
