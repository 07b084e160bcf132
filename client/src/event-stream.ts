/** A block of a `text/event-stream`. */
export interface StreamBlock {
  /** The last `id` that the stream has sent, in this block or before. */
  id: string;
  /** `message` if the block names none. */
  event: string;
  /** Null if the block has no data: it sets the id, or only shows that the stream is alive. */
  data: string | null;
}

/**
 * Reads a `text/event-stream` block by block. Blocks without data are included, unlike in an `EventSource`: clients
 * resume by their ids, and know by comments that the stream is alive.
 * @param signal ends the reading, also where whoever fetched the stream does not know of it.
 * @throws the signal's reason; the fault of the stream.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* eventStreamRead(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<StreamBlock, void, undefined> {
  let id = '';
  let block = { event: '', data: [] as string[] };
  for await (const line of linesOf(body, signal)) {
    if (line === '') {
      const { event, data } = block;
      const text = data.length === 0 ? null : data.join('\n');
      yield { id, event: event === '' ? 'message' : event, data: text };
      block = { event: '', data: [] };
      continue;
    }
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'event') block.event = value;
    else if (name === 'data') block.data.push(value);
  }
}

/** The lines of a stream, without what follows the last line end. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  const reader = body.getReader();
  const cancel = () => reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', cancel);
  try {
    signal?.throwIfAborted();
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A CR at the very end may be half of a CRLF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    await cancel();
  }
}
