import type { FlagParametersForType, TypedPositionalParameters } from '@stricli/core';
import type { ConnectionFlags } from './connection.ts';
import { CliError } from './exit.ts';
import type { CliContext } from './io.ts';

const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The flags that every command takes that calls the API. */
export interface CommonFlags extends ConnectionFlags {
  output?: OutputFormat;
  json?: readonly string[];
}

/** A flag with a text. */
export function textFlag(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: String, brief, placeholder, optional: true } as const;
}

/** A flag that may be given several times, with a text each. */
export function textsFlag(brief: string, placeholder: string) {
  return { ...textFlag(brief, placeholder), variadic: true } as const;
}

/** A flag that is given or not. */
export function switchFlag(brief: string) {
  return { kind: 'boolean', optional: true, withNegated: false, brief } as const;
}

/** A flag with one of several words. */
export function choiceFlag<const T extends string>(brief: string, values: readonly T[]) {
  return { kind: 'enum', values, brief, optional: true } as const;
}

/** A flag with a whole number. */
export function numberFlag(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: wholeNumberParse, brief, placeholder, optional: true } as const;
}

export function wholeNumberParse(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CliError('usage', `${text} is no whole number.`);
  return Number(text);
}

/** The flags that say where a command acts. */
export const CONNECTION: FlagParametersForType<ConnectionFlags, CliContext> = {
  context: textFlag('Act in this context: see `dollarbox context list`', 'name'),
  url: textFlag('Address of the installation', 'url'),
  token: textFlag('An API token, dbx_…', 'token'),
  org: textFlag('Act in this org', 'slug'),
};

export const COMMON: FlagParametersForType<CommonFlags, CliContext> = {
  ...CONNECTION,
  output: choiceFlag('How to print data', OUTPUT_FORMATS),
  json: {
    ...textFlag('Print only these attributes, as JSON', 'field,field'),
    variadic: ',',
  },
};

export const COMMON_ALIASES = { o: 'output' } as const;

/** One argument. */
export function argument<T extends readonly [string]>(
  placeholder: string,
  brief: string,
  proposeCompletions?: (this: CliContext, partial: string) => Promise<readonly string[]>,
): TypedPositionalParameters<T, CliContext> {
  const parameter = {
    parse: String,
    placeholder,
    brief,
    ...(proposeCompletions === undefined ? {} : { proposeCompletions }),
  };
  return { kind: 'tuple', parameters: [parameter] } as unknown as TypedPositionalParameters<
    T,
    CliContext
  >;
}
