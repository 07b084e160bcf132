/** What `npm start` runs with the project's own Node: builds the panel if needed, then becomes the server. */
import { panelEnsure } from '@dollarbox/panel/build';

// A panel that is kept elsewhere is already built; a reconciler serves none.
if (process.env['PANEL_DIR'] === undefined && process.env['ROLE'] !== 'reconciler') {
  try {
    await panelEnsure((text) => process.stderr.write(`${text}\n`));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `${reason}\nThe API starts without a panel, or with the one from before.\n`,
    );
  }
}
await import('../server/src/main.ts');
