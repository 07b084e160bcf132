import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import { Client } from 'pg';
import { type PanelScene, headingSeen, panelSceneOpen, signIn, widthFits } from './panel-scene.ts';
import { until } from './wait.ts';

const COUNT = 1000;
/** More than fit into any window, and far fewer than there are. */
const MOST_DRAWN = 60;

describe('a list of 1,000 containers', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
    const client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    const body = { name: 'one', image: 'web:1' };
    const { id } = await unwrap(client.POST('/containers/', { body }));
    const params = { path: { id }, header: { Prefer: 'wait=60' } };
    await unwrap(client.POST('/containers/{id}/stop/', { params }));
    await containersCopy(scene.databaseUrl, id, COUNT - 1);
  });
  after(() => scene.close());

  it('draws only what is near the window, and finds any of them', async (context) => {
    const page = await scene.visit({ viewport: { width: 1440, height: 900 } });
    await signIn(page, scene.owner);
    await page.goto('/orgs/main/containers');
    await headingSeen(page, 'Containers');
    const rows = page.getByRole('list', { name: 'Containers' }).getByRole('listitem');
    await page.getByRole('button', { name: `All ${COUNT}` }).waitFor();
    await page.evaluate(`
      globalThis.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) globalThis.longTasks.push(Math.round(duration));
      }).observe({ type: 'longtask' });`);
    assert.ok((await rows.count()) < MOST_DRAWN);
    // The newest is first; the oldest is drawn once the page is scrolled to its end.
    await rows.filter({ hasText: `copy-${COUNT - 1}` }).waitFor();
    await until('the last row', async () => {
      await page.mouse.wheel(0, 4000);
      return rows.filter({ hasText: 'one' }).isVisible();
    });
    assert.ok((await rows.count()) < MOST_DRAWN);
    await page.getByLabel('Search containers').pressSequentially('copy-77');
    // copy-77 and copy-770 to copy-779.
    await page.getByRole('button', { name: 'All 11' }).waitFor();
    await until('the rows that match', async () => (await rows.count()) === 11);
    await widthFits(page, 'the list');
    const tasks = (await page.evaluate('globalThis.longTasks')) as number[];
    context.diagnostic(
      `tasks of more than 50 ms: ${tasks.length === 0 ? 'none' : tasks.join(', ')}`,
    );
    scene.faultsNone();
  });
});

/** Copies a stopped container: created one by one, so many would take minutes. */
async function containersCopy(databaseUrl: string, id: number, count: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `insert into containers (org_id, name, image, env_sealed, command, ports, generation, created_at, updated_at,
       status, observed_generation, attempt_at, is_stopped)
     select org_id, 'copy-' || n, image, env_sealed, command, ports, generation, created_at, updated_at,
       status, observed_generation, attempt_at, is_stopped
     from containers, generate_series(1, $2::int) as n where id = $1 order by n`,
    [id, count],
  );
  await client.end();
}
