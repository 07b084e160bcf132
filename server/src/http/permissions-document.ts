import type { Role } from '../db/types.ts';
import { type Action, POLICY, roleAllows, ruleOf, ruleRemarks } from '../changes/policy.ts';
import type { Route } from './route.ts';

const ROLES: readonly Role[] = ['member', 'admin', 'owner'];

const INTRODUCTION = `# Permissions

Who may do what. This file is generated from \`server/src/policy.ts\` by \`npm run gen\`; the checks of each request, those inside its transaction and the API's documents use the same table.

Each row is an action, with the operation of \`/api/v1\` that does it. Roles are those in the org that the request acts in: people who are not in the org get 404, as if it did not exist. A token can do what its person can within its scope; the panel's session counts as the scope \`write\`. The operator's commands (\`dollarbox-admin\`) may do everything.

In an org that the operator has suspended, only reads and \`DELETE\` are allowed, so that people can clear up and leave; everything else is 403.`;

const KUBECTL = `## kubectl

What a kubectl credential may do in the namespace of its org. Elsewhere in the cluster it may do what every account may: ask what it may do itself, and read public certificates. The tests ask a real cluster about each of its resources, with each verb, in the own namespace, in others and in the whole cluster. What objects may be like is up to \`engines/kubernetes/policies.yaml\`: those of the panel can't be changed, and its pods can't be entered.`;

/** `docs/permissions.md`: the policy as a table, and what kubectl may do. */
export function permissionsDocumentCreate(
  routes: readonly Route[],
  tenantRights: Readonly<Record<string, readonly string[]>>,
): string {
  const header = ['action', 'operation', 'token scope', ...ROLES, 'also'];
  const rows = (Object.keys(POLICY) as Action[]).map((action) => rowOf(routes, action));
  const rights = Object.entries(tenantRights).map(([resource, verbs]) => [
    `\`${resource}\``,
    verbs.join(', '),
  ]);
  const kubectl = tableShow([['resource', 'verbs'], ...rights]);
  return `${INTRODUCTION}\n\n${tableShow([header, ...rows])}\n\n${KUBECTL}\n\n${kubectl}\n`;
}

function rowOf(routes: readonly Route[], action: Action): string[] {
  const { role, scope } = ruleOf(action);
  const operations = routes
    .filter((route) => route.action === action)
    .map(({ method, path }) => `\`${method} ${path}\``);
  const marks = ROLES.map((each) => (role === null || roleAllows(each, role) ? 'yes' : 'no'));
  const anyone = role === null ? ['Acts in no single org: anyone with an account.'] : [];
  const also = [...anyone, ...ruleRemarks(action)].join(' ');
  return [`\`${action}\``, operations.join(', '), scope, ...marks, also];
}

/** A table in Markdown, its columns padded as the formatter does. */
function tableShow(rows: readonly (readonly string[])[]): string {
  const [header = []] = rows;
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length), 3),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(header), rule, ...rows.slice(1).map(line)].join('\n');
}
