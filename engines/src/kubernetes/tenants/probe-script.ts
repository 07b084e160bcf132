/** What the pods of the isolation probe run: scripts for BusyBox. Pure. */

/** Where the pods that are connected to listen. */
export const PROBE_PORT = 8080;

export function listenCommand(): string[] {
  return ['httpd', '-f', '-p', String(PROBE_PORT), '-h', '/tmp'];
}

export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Tries each target once, all at the same time, and writes `reached N` for the Nth that anything answered. The first
 * target is tried until it answers, or for half a minute: when it does, the pod's network is there.
 *
 * Any HTTP answer counts, and any that is none: a server that speaks TLS breaks off. Silence and refusals do not.
 */
const CONNECT = `
reach() {
  said=$(timeout 4 wget -q -O - "http://$1/" 2>&1)
  case $said in ''|Terminated*|*"can't connect"*|*nreachable*|*"bad address"*) return 1;; esac
}
tried=0
until reach "$1" || [ $tried -ge 30 ]; do tried=$((tried + 1)); sleep 1; done
number=0
for target in "$@"; do
  (reach "$target" && echo "reached $number") &
  number=$((number + 1))
done
wait
echo end
`;

/** @param targets `host:port`. */
export function connectCommand(targets: readonly string[]): string[] {
  return ['sh', '-c', CONNECT, 'connect', ...targets];
}

/** @returns the numbers of the targets that were reached; null: it did not get to its end. */
export function connectRead(said: string): Set<number> | null {
  const lines = said.split('\n').map((line) => line.trim());
  if (!lines.includes('end')) return null;
  const numbers = lines.flatMap((line) => /^reached (\d+)$/.exec(line)?.[1] ?? []);
  return new Set(numbers.map(Number));
}
