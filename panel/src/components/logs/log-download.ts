import type { LogFeed } from '../../api/log-feed.ts';
import { turnsCreate } from '../../lib/give-way.ts';
import { type LogBlock, type LogLines, linePlain } from '../../lib/log-lines.ts';

/** As many as a clipboard takes without a stall. */
const MOST_COPIED = 10_000;

/** The newest lines as text, at most 10,000. */
export function logText({ blocks }: LogLines): string {
  const parts: string[] = [];
  let count = 0;
  for (let index = blocks.length - 1; index >= 0 && count < MOST_COPIED; index -= 1) {
    const block = blocks[index];
    if (block === undefined) break;
    count += block.entries.length;
    parts.push(blockText(block, false));
  }
  return parts.toReversed().join('');
}

/** Reads a log back to its beginning and saves it as a text file. @throws the signal's reason; the error of a request */
export async function logDownload(name: string, feed: LogFeed, signal: AbortSignal): Promise<void> {
  while (feed.state().hasOlder) await feed.olderRead(signal);
  const parts: string[] = [];
  const turnEnd = turnsCreate();
  for (const block of feed.lines.blocks) {
    parts.push(blockText(block, true));
    await turnEnd();
    signal.throwIfAborted();
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'text/plain' }));
  link.download = `${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.log`;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param isDated each line begins with its time and stream. */
function blockText({ entries }: LogBlock, isDated: boolean): string {
  let text = '';
  for (const entry of entries) {
    if (entry.kind === 'line') {
      text += `${isDated ? `${entry.at} ${entry.stream} ` : ''}${linePlain(entry.text)}\n`;
    } else if (entry.kind === 'gap' && isDated) {
      text += `# ${entry.lost === null ? 'Lines' : `${entry.lost} lines`} were lost here.\n`;
    }
  }
  return text;
}
