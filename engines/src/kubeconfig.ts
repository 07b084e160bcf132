/** A kubeconfig for a tenant. Pure. */

export interface KubeconfigParts {
  /** The API server, as it is reached from outside. */
  server: string;
  /** Its certificate authority, as PEM; null: one that every machine knows. */
  authority: string | null;
  namespace: string;
  context: string;
  account: string;
  token: string;
}

/** As `kubectl config view` writes it. JSON's strings are strings of YAML, too. */
export function kubeconfigRender(parts: KubeconfigParts): string {
  const text = JSON.stringify;
  const { server, authority, namespace, context, account, token } = parts;
  const data = authority === null ? [] : [Buffer.from(authority).toString('base64')];
  return `${[
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    `- name: ${text(context)}`,
    '  cluster:',
    `    server: ${text(server)}`,
    ...data.map((encoded) => `    certificate-authority-data: ${text(encoded)}`),
    'users:',
    `- name: ${text(account)}`,
    '  user:',
    `    token: ${text(token)}`,
    'contexts:',
    `- name: ${text(context)}`,
    '  context:',
    `    cluster: ${text(context)}`,
    `    user: ${text(account)}`,
    `    namespace: ${text(namespace)}`,
    `current-context: ${text(context)}`,
  ].join('\n')}\n`;
}
