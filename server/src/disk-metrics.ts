// The metric of the disk that the server itself writes to. The engine's disk is measured by the engine.
import { statfs } from 'node:fs/promises';
import { Gauge } from 'prom-client';
import type { Metrics } from './base/metrics.ts';

/** Bytes free where `DATA_DIR` is, read at each collection; absent while they can't be. */
export function diskMetricsRegister(metrics: Metrics, dataDir: string): void {
  const free = new Gauge({
    name: 'dollarbox_data_free_bytes',
    help: 'Bytes free where DATA_DIR is: the embedded database, and layers that are being pulled.',
    registers: [],
    async collect() {
      const found = await statfs(dataDir).catch(() => null);
      if (found === null) this.remove();
      else this.set(found.bavail * found.bsize);
    },
  });
  metrics.registry.registerMetric(free);
}
