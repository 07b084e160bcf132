// Measures the project against raw baselines: `node bench/src/main.ts [P1 …]`; all when none is named.
import { dockerEnsure } from '@dollarbox/host/docker';
import { createBench } from './p1-create.ts';
import { burstBench } from './p2-burst.ts';
import { requestsBench } from './p3-requests.ts';
import { pagesBench } from './p4-pages.ts';
import { restBench } from './p5-rest.ts';
import { killedBench } from './p6-killed.ts';
import { kubernetesBench } from './p7-kubernetes.ts';
import { wakeBench } from './p8-wake.ts';
import { panelBench } from './p9-panel.ts';
import { logsBench } from './p10-logs.ts';
import { eventsBench } from './p11-events.ts';
import { pullBench } from './p12-pull.ts';
import { clusterLoadBench } from './p14-cluster-load.ts';
import { limitsBench } from './s8-limits.ts';
import { fairnessBench } from './s8b-fairness.ts';
import { burstBesideBench } from './s8c-burst.ts';
import { volumesBench } from './v1-volumes.ts';
import { commandLineBench } from './c1-command-line.ts';
import { type Result, resultsTable } from './result.ts';

const BENCHES: Record<string, () => Promise<Result[]>> = {
  P1: createBench,
  P2: burstBench,
  P3: requestsBench,
  P4: pagesBench,
  P5: restBench,
  P6: killedBench,
  P7: kubernetesBench,
  P8: wakeBench,
  P9: panelBench,
  P10: logsBench,
  P11: eventsBench,
  P12: pullBench,
  P14: clusterLoadBench,
  S8: limitsBench,
  S8b: fairnessBench,
  S8c: burstBesideBench,
  V1: volumesBench,
  C1: commandLineBench,
};

/** Those that need no Docker engine. */
const WITHOUT_DOCKER: ReadonlySet<string> = new Set(['P7', 'P14']);

/**
 * Runs only if it is named: it takes eight minutes and more. The load balancer of a test cluster that was built before it gave
 * no address twice ends it, and the others with it.
 */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(['P14']);

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((id) => BENCHES[id] === undefined);
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: choose from ${Object.keys(BENCHES).join(', ')}.`);
  }
  const all = Object.keys(BENCHES).filter((id) => !BY_NAME_ONLY.has(id));
  const chosen = asked.length === 0 ? all : asked;
  if (chosen.some((id) => !WITHOUT_DOCKER.has(id))) {
    await dockerEnsure({ log: (text) => process.stderr.write(`${text}\n`), allowInstall: true });
  }
  const results: Result[] = [];
  for (const [id, bench] of Object.entries(BENCHES)) {
    if (!chosen.includes(id)) continue;
    process.stderr.write(`Measuring ${id} …\n`);
    const found = await bench();
    // A long run that breaks off later has printed its results so far.
    process.stderr.write(`${resultsTable(found)}\n`);
    results.push(...found);
  }
  process.stdout.write(`${resultsTable(results)}\n`);
}

await main(process.argv.slice(2));
