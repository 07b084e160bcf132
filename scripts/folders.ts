/**
 * Which folders may import which. `npm run check` compares every import with these two tables; type imports count.
 * Tests may import more: see `TEST_FOLDERS`.
 */

/** What each workspace may import of the others. The longest path that a file is under applies. */
export const WORKSPACES: Readonly<Record<string, readonly string[]>> = {
  client: [],
  host: [],
  'cli/src': ['client'],
  'cli/bin': ['scripts'],
  engines: ['host'],
  server: ['engines', 'host'],
  'server/bin': ['scripts'],
  'panel/src': ['client'],
  panel: ['host'],
  testbed: ['host', 'server'],
  simulation: ['engines', 'server', 'testbed'],
  e2e: ['cli', 'client', 'host', 'panel', 'testbed'],
  bench: ['client', 'engines', 'host', 'panel', 'server', 'testbed'],
  scripts: ['client', 'engines', 'host', 'panel', 'server', 'testbed'],
};

/** The workspaces that tests may import in addition. Tests may also import every folder of their own workspace. */
export const TEST_WORKSPACES = ['host', 'testbed'];

/** Folders that hold tests or what only tests and the attacks use. */
export const TEST_FOLDERS = [
  'engines/src/attack',
  'engines/src/docker/test',
  'engines/src/kubernetes/test',
  'server/test',
];

/**
 * The folders of a workspace, one row a level, from the top down: a folder may import those of lower rows, never one of
 * its own row or above. A dot is the files that stand in none of the folders.
 */
export const LEVELS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'server/src': [
    ['.'],
    ['admin'],
    ['backup'],
    ['accounts/routes', 'engine', 'logs'],
    ['accounts/operations'],
    ['registries'],
    ['accounts', 'containers'],
    ['volumes'],
    ['invitations', 'orgs'],
    ['audit-log', 'events', 'kubectl-credentials', 'members', 'whoami', 'workloads'],
    ['http'],
    ['sessions'],
    ['tokens'],
    ['installation', 'mail'],
    ['users'],
    ['changes'],
    ['feed'],
    ['reconciler'],
    ['db'],
    ['db/embedded', 'db/migrations'],
    ['base'],
  ],
  'engines/src': [
    ['docker', 'fake', 'kubernetes', 'suite'],
    ['docker/containers', 'kubernetes/containers'],
    [
      'docker/network',
      'docker/volumes',
      'kubernetes/credentials',
      'kubernetes/tenants',
      'kubernetes/volumes',
    ],
    ['docker/images', 'kubernetes/images'],
    ['docker/daemon', 'kubernetes/api'],
    ['docker/base', 'kubernetes/base'],
    ['registry'],
    // The contract, which all stand on, and its parts.
    ['.'],
    ['contract'],
  ],
  'cli/src': [['.'], ['commands'], ['base']],
  'simulation/src': [['.'], ['plants', 'process', 'store-suite'], ['world'], ['stores']],
  'panel/src': [
    ['.'],
    ['routes'],
    [
      'components',
      'components/account',
      'components/audit',
      'components/containers',
      'components/kubectl',
      'components/orgs',
      'components/people',
      'components/registries',
      'components/security',
      'components/tokens',
    ],
    ['components/actors', 'components/volumes'],
    ['components/shell'],
    ['api'],
    ['components/ui'],
    ['lib/imports'],
    ['lib', 'theme'],
  ],
};
