/**
 * The capabilities that an ordinary server image needs: it starts as root, chowns its folders, binds port 80 and
 * drops to its own user.
 */
export const CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'SETUID',
  'SETGID',
  'NET_BIND_SERVICE',
  'KILL',
];
