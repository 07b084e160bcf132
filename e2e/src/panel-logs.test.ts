import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { LOG_SCRIPT } from '@dollarbox/testbed/log-script';
import {
  type PanelScene,
  axeNone,
  containerMake,
  headingSeen,
  panelSceneOpen,
  signIn,
  widthFits,
} from './panel-scene.ts';
import { until } from './wait.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const MANY = 1_000_000;
const PART = 50_000;
/** More rows than any window shows, and far fewer than there are lines. */
const MOST_DRAWN = 400;
const ESCAPE = String.raw`\u001b`;

describe('the logs of a container in the panel', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  before(async () => {
    scene = await panelSceneOpen();
    await containerMake(scene);
  });
  after(() => scene.close());

  /** Opens the logs. @param first a script that says what has been written before. */
  async function logsOpen(first: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await scene.visit({ viewport: { width: 1440, height: 900 }, ...options });
    await signIn(page, scene.owner);
    await page.addInitScript(LOG_SCRIPT + first);
    await page.goto('/orgs/main/containers/web/logs');
    await headingSeen(page, 'web');
    await page.getByText('Following', { exact: true }).waitFor();
    return page;
  }
  const lineSeen = (page: Page, text: string) =>
    page.getByRole('log').getByText(text, { exact: true }).waitFor();
  const jump = (page: Page) => page.getByRole('button', { name: /^Jump to newest/ });
  /** How far the log is scrolled from its end, in pixels. */
  const fromEnd = (page: Page) =>
    page.evaluate(
      `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('[role=log]'))`,
    ) as Promise<number>;
  const scrollTo = (page: Page, top: number) =>
    page.evaluate(`document.querySelector('[role=log]').scrollTop = ${top}`);

  it('follow what is written, until someone scrolls up', async () => {
    const page = await logsOpen('');
    await page.getByText('Nothing written yet').waitFor();
    await page.evaluate(`log.write(log.line('the first line'))`);
    await lineSeen(page, 'the first line');
    await page.evaluate(
      `log.write(...Array.from({ length: 500 }, (_, index) => log.line('line ' + index)))`,
    );
    await lineSeen(page, 'line 499');
    await until('the end is shown', async () => (await fromEnd(page)) < 2);
    await scrollTo(page, 3000);
    await jump(page).waitFor();
    const [shown = ''] = await page
      .getByRole('log')
      .getByText(/^line 1\d\d$/)
      .allInnerTexts();
    await page.evaluate(`log.write(log.line('line 500'), log.line('line 501'))`);
    await page.getByRole('button', { name: 'Jump to newest · 2 new' }).waitFor();
    await page.getByRole('log').getByText(shown, { exact: true }).waitFor();
    assert.equal(await page.evaluate(`document.querySelector('[role=log]').scrollTop`), 3000);
    await jump(page).click();
    await lineSeen(page, 'line 501');
    await jump(page).waitFor({ state: 'detached' });
    await page.evaluate(`log.write(log.line('line 502'))`);
    await lineSeen(page, 'line 502');
    await page.getByText('504 lines').waitFor();
    scene.faultsNone();
  });

  it('say where a process was started, where lines were lost, and when the connection is', async () => {
    const page = await logsOpen(
      `log.lines.push(log.line('before', { instance: 1 }), log.line('after', { instance: 2, stream: 'stderr' }));`,
    );
    await page.getByText(/^Start 2 of the process/).waitFor();
    await page.evaluate(
      `log.write(log.gap(12), log.line('later', { instance: 2 }), log.gap(null))`,
    );
    await page.getByText('12 lines were lost here').waitFor();
    await page.getByText('Lines were lost here', { exact: true }).waitFor();
    await page.evaluate(`log.end('server_stopping')`);
    await until('it is followed again', async () => {
      await page.evaluate(`log.streams.size > 0 && log.write(log.line('again'))`);
      return (await page.getByRole('log').getByText('again', { exact: true }).count()) > 0;
    });
    await page.evaluate(`log.end('deleted')`);
    await page.getByText('The container was deleted: the log ends here').waitFor();
    scene.faultsNone();
  });

  it('are filtered by the server, with the filter in the URL', async () => {
    const page = await logsOpen(
      `for (let index = 0; index < 300; index += 1)
         log.lines.push(log.line('request ' + index, { stream: index % 100 === 0 ? 'stderr' : 'stdout' }));`,
    );
    await lineSeen(page, 'request 299');
    const field = page.getByLabel('Filter by text');
    await field.fill('request 20');
    await page.getByText('11 lines').waitFor();
    assert.equal(await page.getByRole('log').getByText('request 20', { exact: true }).count(), 11);
    assert.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Filter by text');
    await page.getByLabel('Stream').selectOption('stderr');
    await page.getByText('1 line', { exact: true }).waitFor();
    assert.match(page.url(), /\?q=request\+20&stream=stderr$/);
    await page.evaluate(
      `log.write(log.line('request 20x', { stream: 'stderr' }), log.line('request 20y'))`,
    );
    await page.getByText('2 lines', { exact: true }).waitFor();
    await field.fill('nowhere');
    await page.getByText('No line matches').waitFor();
    scene.faultsNone();
  });

  it('are read back to their beginning while someone scrolls up, without moving what is read', async () => {
    const page = await logsOpen(
      `const lines = (from) => Array.from({ length: 500 }, (_, index) => log.line('line ' + (from + index)));
       log.older = [lines(500), lines(0)];
       log.lines = lines(1000);`,
    );
    await lineSeen(page, 'line 1499');
    await scrollTo(page, 1000);
    await page.getByText('1,500 lines').or(page.getByText('1,000 lines')).waitFor();
    // The line that was at the top of the window is still there.
    await lineSeen(page, 'line 1058');
    await until('the beginning', async () => {
      await scrollTo(page, 0);
      return page.getByText('The log begins here.').isVisible();
    });
    // What was read stayed in the window.
    await scrollTo(page, 0);
    await lineSeen(page, 'line 0');
    await page.getByText('1,500 lines').waitFor();
    scene.faultsNone();
  });

  it('are downloaded whole, and copied', async () => {
    const page = await logsOpen(
      `log.older = [[log.line('the oldest')]];
       log.lines = [log.line('${ESCAPE}[31mred${ESCAPE}[0m text'), log.line('the newest')];`,
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
    await lineSeen(page, 'red');
    await page.getByRole('button', { name: 'Copy the lines' }).click();
    await page.getByText('Copied the lines.').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), 'red text\nthe newest\n');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^web-.*\.log$/);
    const parts: Buffer[] = [];
    for await (const part of await download.createReadStream()) parts.push(part as Buffer);
    assert.deepEqual(
      Buffer.concat(parts).toString(),
      ['the oldest', 'red text', 'the newest']
        .map((text) => `2026-11-02T09:30:00.123456789Z stdout ${text}\n`)
        .join(''),
    );
    scene.faultsNone();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`have nothing that axe objects to, and fit a phone, ${colorScheme}`, async () => {
      const lines = `log.lines = [31, 32, 33, 34, 35, 36].map((colour) =>
          log.line('${ESCAPE}[' + colour + 'mcolour ' + colour + '${ESCAPE}[0m ' + 'and a long line '.repeat(40)));
        log.lines.push(log.gap(3), log.line('x'.repeat(60000), { stream: 'stderr', instance: 2 }));`;
      const page = await logsOpen(lines, { ...PHONE, colorScheme });
      await page.getByText('56,000 more letters').waitFor();
      await widthFits(page, 'the logs');
      await axeNone(page, 'the logs');
      await page.getByRole('button', { name: 'Wrap lines' }).click();
      await page.getByRole('button', { name: 'Wrap lines', pressed: true }).waitFor();
      await widthFits(page, 'the logs, wrapped');
      assert.equal(
        await page.evaluate(
          `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('[role=log]'))`,
        ),
        0,
      );
      await page.getByRole('button', { name: 'Full screen' }).click();
      await axeNone(page, 'the logs, full screen');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Full screen', pressed: false }).waitFor();
      await page.context().close();
      scene.faultsNone();
    });
  }

  it('of a million lines are scrolled through', async (context) => {
    const page = await logsOpen(`log.lines = [log.line('the first of many')];`);
    await lineSeen(page, 'the first of many');
    await page.evaluate(`
      globalThis.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) globalThis.longTasks.push(Math.round(duration));
      }).observe({ type: 'longtask' });`);
    const rows = page.getByRole('log').locator('time');
    // In parts, since a slow machine needs minutes for all of them.
    for (let count = PART; count <= MANY; count += PART) {
      await page.evaluate(`log.flood(${count} - log.written)`);
      await page.getByText(`${count.toLocaleString('en')} lines`).waitFor();
    }
    await until('the end is shown', async () => (await fromEnd(page)) < 2);
    await lineSeen(page, `a line of the flood, number ${MANY - 1}`);
    const arriving = (await page.evaluate('globalThis.longTasks.splice(0)')) as number[];
    assert.ok((await rows.count()) < MOST_DRAWN);
    const height = (await page.evaluate(
      `document.querySelector('[role=log]').scrollHeight`,
    )) as number;
    for (const share of [0.75, 0.5, 0.25]) {
      await scrollTo(page, Math.round(height * share));
      // What is drawn is what belongs there.
      await until('lines of that place', async () => {
        const [text = ''] = await rows.locator('xpath=..').allInnerTexts();
        return Math.abs(Number(/\d+$/.exec(text)?.[0]) / MANY - share) < 0.001;
      });
    }
    await scrollTo(page, 0);
    await lineSeen(page, 'the first of many');
    assert.ok((await rows.count()) < MOST_DRAWN);
    await page.getByRole('button', { name: 'Jump to newest' }).click();
    await lineSeen(page, `a line of the flood, number ${MANY - 1}`);
    const scrolling = (await page.evaluate('globalThis.longTasks')) as number[];
    for (const [what, tasks] of Object.entries({ arriving, scrolling })) {
      context.diagnostic(
        `tasks of more than 50 ms while ${what}: ${tasks.length}, the longest ${Math.max(0, ...tasks)} ms`,
      );
    }
    scene.faultsNone();
  });
});
