/**
 * The challenges of a `WWW-Authenticate` header. Pure.
 * Source: RFC 9110 §11.6.1; the Docker registry token specification. Unquoted values may contain any character except
 * a comma and white space, since some registries write addresses that way.
 */
export interface Challenge {
  /** In lower case. */
  scheme: string;
  /** By name in lower case. */
  parameters: Record<string, string>;
}

const PARAMETER =
  /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))\s*(?:,|$)/;
const SCHEME = /^[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=[\s,]|$)\s*,?/;
const HEADER_MAX_LENGTH = 16 * 1024;

/** Parses as much of a header as is valid. Several headers are joined by commas. */
export function challengesParse(header: string | undefined): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = (header ?? '').slice(0, HEADER_MAX_LENGTH);
  while (rest.trim() !== '') {
    const parameter = PARAMETER.exec(rest);
    const last = challenges.at(-1);
    if (parameter !== null && last !== undefined) {
      const [all, name = '', quoted, bare = ''] = parameter;
      last.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
      rest = rest.slice(all.length);
      continue;
    }
    const scheme = SCHEME.exec(rest);
    if (scheme === null) break;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
  return challenges;
}
