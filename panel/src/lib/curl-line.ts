/** A line to paste that lists containers with a token. */
export function curlListLine(origin: string, token: string): string {
  return `curl ${origin}/api/v1/containers/ -H "Authorization: Bearer ${token}"`;
}

/** Lines to paste that create a first container, with the token in a variable. */
export function curlCreateLines(origin: string, org: string): string {
  return [
    `curl -X POST ${origin}/api/v1/containers/ \\`,
    '  -H "Authorization: Bearer $DOLLARBOX_TOKEN" \\',
    `  -H "X-Dollarbox-Org: ${org}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '{"name": "web", "image": "nginx:1.27"}'`,
  ].join('\n');
}
