import { readFile } from 'node:fs/promises';
import { DollarboxError, sendRetrying } from '@dollarbox/client';
import { buildCommand } from '@stricli/core';
import { type ConnectionFlags, connectionResolve } from '../base/connection.ts';
import { CliError } from '../base/exit.ts';
import { CONNECTION, textFlag, textsFlag } from '../base/flags.ts';
import { type CliContext, type Io, stdinRead } from '../base/io.ts';

interface ApiFlags {
  data?: string;
  header?: readonly string[];
}

export const apiCall = buildCommand({
  docs: {
    brief: 'Send any request to the API',
    fullDescription:
      'Sends a request with your token, and prints the body of the reply as it comes. The path is below /api/v1/. An error is printed too, and exits as it does elsewhere.',
    customUsage: [
      { input: 'GET containers/', brief: 'Read a list' },
      { input: `POST volumes/ --data '{"name":"data","size_gb":1}'`, brief: 'Send a body' },
      { input: 'PATCH containers/17/ --data @change.json', brief: 'Send a file' },
    ],
  },
  parameters: {
    flags: {
      ...CONNECTION,
      data: textFlag('The body; @file for a file, @- for the standard input', 'json'),
      header: textsFlag('Another header', 'name: value'),
    },
    aliases: { d: 'data' },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, placeholder: 'method', brief: 'GET, POST, PATCH or DELETE' },
        { parse: String, placeholder: 'path', brief: 'The path with its query' },
      ],
    },
  },
  async func(this: CliContext, flags: ConnectionFlags & ApiFlags, method: string, path: string) {
    const { io } = this;
    const connection = await connectionResolve(io, flags);
    const target = new URL(`${connection.url}/api/v1/${path.replace(/^\/?(api\/v1\/)?/, '')}`);
    if (target.origin !== connection.url) throw new CliError('usage', `${path} is no path.`);
    const body = flags.data === undefined ? null : await bodyOf(io, flags.data);
    const request = new Request(target, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${connection.token}`,
        ...(connection.org === undefined ? {} : { 'x-dollarbox-org': connection.org }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...Object.fromEntries((flags.header ?? []).map(headerParse)),
      },
      body,
      signal: io.signal,
    });
    const response = await sendRetrying(fetch)(request);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const part = decoder.decode(chunk, { stream: true });
      if (!response.ok) text += part;
      io.stdout.write(part);
    }
    if (!response.ok) throw new DollarboxError(response, jsonOf(text));
  },
});

async function bodyOf(io: Io, data: string): Promise<string> {
  if (data === '@-') return stdinRead(io);
  return data.startsWith('@') ? readFile(data.slice(1), 'utf8') : data;
}

function headerParse(text: string): [string, string] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new CliError('usage', `${text} is no header.`, 'Write it as "Name: value".');
  }
  return [name.toLowerCase(), value];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
