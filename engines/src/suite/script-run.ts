import type { ContainerSpec } from '../contract.ts';
import type { SuiteContext } from './context.ts';

const END = 'ended\n';

/** Runs a shell script once in a container of that image, and removes the container. @returns its output. */
export async function scriptRun(
  { apply, engine, endNow, spec, waitFor }: SuiteContext,
  image: string,
  volumes: ContainerSpec['volumes'],
  script: string,
): Promise<string> {
  // An engine that restarts processes would run the script again if its process ended.
  const command = ['sh', '-c', `${script}; echo ended; exec sleep 100000`];
  const wanted = await spec(image, { volumes, command });
  const { ref } = await apply(wanted);
  const said = await waitFor('the end', async () => {
    const text = await engine.access.logs(ref, { tailLines: 1000, maxBytes: 100_000 });
    return text.endsWith(END) && text;
  });
  await endNow(ref);
  await waitFor('its removal', async () => (await engine.containers.observe(wanted.id)) === null);
  return said.slice(0, -END.length);
}
