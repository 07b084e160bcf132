/** Lets the browser draw and react before the caller goes on: for work that would otherwise take it too long at once. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

/** How long something may go on before it should give way, in milliseconds. */
const TURN_MS = 8;

/** @returns a function that gives way if the last time is long enough ago; to be awaited in a long loop. */
export function turnsCreate(): () => Promise<void> | undefined {
  let since = performance.now();
  async function turnEnd(): Promise<void> {
    await giveWay();
    since = performance.now();
  }
  return () => (performance.now() - since < TURN_MS ? undefined : turnEnd());
}
