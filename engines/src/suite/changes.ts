/** The suite's tests of change hints. */
import assert from 'node:assert/strict';
import type { Engine, EngineChange } from '../contract.ts';
import { engineTest, mountOf, rejectsWith, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

/** Collects hints while `work` runs. */
async function collecting(
  engine: Engine,
  work: (seen: EngineChange[]) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const seen: EngineChange[] = [];
  const ended = (async () => {
    for await (const change of engine.changes(abort.signal)) seen.push(change);
  })();
  try {
    await work(seen);
  } finally {
    abort.abort();
    await ended;
  }
}

export function changesTests(context: () => SuiteContext): void {
  /** Waits until the hints of earlier changes have arrived, and discards them. */
  async function quiet(seen: EngineChange[]): Promise<void> {
    const { tick } = context();
    for (let count = -1; count !== seen.length;) {
      count = seen.length;
      for (let ticks = 0; ticks < 5; ticks += 1) await tick();
    }
    seen.length = 0;
  }

  /** Repeats `cause` until a hint names `id`, because any single hint may be lost. */
  async function hinted(
    seen: EngineChange[],
    id: number,
    cause: () => Promise<unknown>,
    kind: EngineChange['kind'] = 'container',
  ): Promise<void> {
    const { tick, waitFor } = context();
    await waitFor(`a hint for ${kind} ${id}`, async () => {
      seen.length = 0;
      await cause();
      for (let patience = 0; patience < 50; patience += 1) {
        if (seen.some((change) => change.kind === kind && change.id === id)) return true;
        await tick();
      }
      return false;
    });
  }

  engineTest('a hint comes when a container releases a volume by its removal', async () => {
    const { apply, engine, images, spec, volume } = context();
    const disk = await volume();
    const wanted = await spec(images.web, { volumes: [mountOf(disk)] });
    await collecting(engine, async (seen) => {
      const release = async () => {
        const { ref } = await apply(wanted);
        await quiet(seen);
        await engine.containers.end(ref, 0);
      };
      await hinted(seen, disk.id, release, 'volume');
    });
  });

  engineTest('a hint comes when another worker starts a container', async () => {
    const { engine, images, spec, worker } = context();
    const wanted = await spec(images.web);
    await engineWith(worker, async (other) => {
      await collecting(engine, async (seen) => {
        await hinted(seen, wanted.id, async () => {
          for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
          await quiet(seen);
          await other.containers.apply(wanted);
        });
      });
    });
  });

  engineTest('a hint comes when a container dies, is paused and is removed', async () => {
    const { apply, engine, images, killed, spec, tamper } = context();
    const wanted = await spec(images.web);
    await collecting(engine, async (seen) => {
      await hinted(seen, wanted.id, async () => {
        await apply(wanted);
        await quiet(seen);
        await killed(wanted.id);
      });
      if (tamper.pause !== undefined) {
        await hinted(seen, wanted.id, async () => {
          await apply(wanted);
          await quiet(seen);
          await tamper.pause?.(wanted.id);
        });
      }
      await hinted(seen, wanted.id, async () => {
        await apply(wanted);
        await killed(wanted.id);
        await quiet(seen);
        await tamper.remove(wanted.id);
      });
    });
  });

  engineTest('a hint of an end names the object, and how it ended', async () => {
    const { apply, engine, images, spec, tamper } = context();
    const wanted = await spec(images.web);
    await collecting(engine, async (seen) => {
      let ref = '';
      const ends = () =>
        seen.flatMap(({ id, ended }) => (id === wanted.id && ended ? [ended] : []));
      await hinted(seen, wanted.id, async () => {
        ({ ref } = await apply(wanted));
        await quiet(seen);
        await tamper.kill(wanted.id);
        await context().waitFor('the end is reported', async () => ends().length > 0);
      });
      assert.deepEqual(ends().at(-1), { ref, exitCode: 137 });
    });
  });

  engineTest('a hint comes for a container that waits for a name, once it is free', async () => {
    const { apply, engine, images, spec } = context();
    const before = await spec(images.web);
    const next = await spec(images.web, { name: before.name });
    await collecting(engine, async (seen) => {
      await hinted(seen, next.id, async () => {
        const { ref } = await apply(before);
        await rejectsWith(apply(next), 'retryable', 'name_busy');
        await quiet(seen);
        await engine.containers.end(ref, 0);
      });
    });
  });

  engineTest('a hint comes when a pull ends, well or badly', async () => {
    const { engine, images, later, nextId, request, slowImage } = context();
    await collecting(engine, async (seen) => {
      const id = nextId();
      await hinted(seen, id, async () => {
        const slow = slowImage();
        await engine.images.ensure(request(slow.ref, { containerId: id }));
        slow.release();
      });
      const other = nextId();
      await hinted(seen, other, async () => {
        const since = await later();
        await engine.images.ensure(request(images.missing, { containerId: other, since }));
      });
    });
  });

  engineTest('hints reveal nothing about another installation', async () => {
    const { apply, engine, images, spec, stranger, tamper } = context();
    const wanted = await spec(images.web);
    await engineWith(stranger, async (foreign) => {
      await collecting(foreign, async (theirs) => {
        await collecting(engine, async (seen) => {
          await hinted(seen, wanted.id, async () => {
            await apply(wanted);
            await tamper.kill(wanted.id);
          });
        });
        assert.deepEqual(theirs, []);
      });
    });
  });

  engineTest(
    'hints end when asked, and when the engine closes; containers keep running',
    async () => {
      const { apply, engine, images, observed, spec, worker } = context();
      const made = await apply(await spec(images.web));
      await collecting(engine, async () => {});
      const other = await worker();
      const ended = (async () => {
        for await (const change of other.changes(new AbortController().signal)) void change;
      })();
      await other.close();
      await ended;
      assert.deepEqual(await observed(made.id), made);
    },
  );
}
