/** A command that lists containers with a token. */
export function curlListLine(origin: string, token: string): string {
  return `curl ${origin}/api/v1/containers/ -H "Authorization: Bearer ${token}"`;
}

/** Commands that create a first container, with the token in a variable. */
export function curlCreateLines(origin: string, org: string): string {
  return curlPostLines(origin, '/api/v1/containers/', org, { name: 'web', image: 'nginx:1.27' });
}

/** A command that posts a body, with the token in a variable, quoted for a POSIX shell. */
export function curlPostLines(origin: string, path: string, org: string, body: object): string {
  return [
    `curl -X POST ${origin}${path} \\`,
    '  -H "Authorization: Bearer $DOLLARBOX_TOKEN" \\',
    `  -H "X-Dollarbox-Org: ${org}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '${jsonLine(body).replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n');
}

/** JSON with a space after each comma and colon, as people write it. */
function jsonLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}: ${jsonLine(inner)}`,
  );
  return `{${entries.join(', ')}}`;
}
