/**
 * Runs in a page before its own scripts and answers its requests for logs, since the fake engine writes none and a real
 * one takes minutes to write a million lines. `log.older` are the pages before the last lines, `log.write(rows)` is what
 * the process writes from now on, `log.flood(count)` many lines as fast as they are read.
 */
export const LOG_SCRIPT = `
  const real = globalThis.fetch;
  const log = globalThis.log = { asked: [], older: [], lines: [], streams: new Set(), written: 0 };
  const row = (rest) => ({
    type: 'line', cursor: 'c' + log.written, at: '2026-11-02T09:30:00.123456789Z',
    stream: 'stdout', instance: 1, text: '', cut: false, ...rest,
  });
  const line = (text, rest = {}) => (log.written += 1, row({ text, ...rest }));
  const gap = (lost) => row({ type: 'gap', cursor: null, at: null, stream: null, instance: null, text: null, lost_lines: lost });
  const block = (item) => (item.cursor ? 'id: ' + item.cursor + '\\n' : '') +
    'event: ' + item.type + '\\ndata: ' + JSON.stringify(item) + '\\n\\n';
  const bytes = (text) => new TextEncoder().encode(text);
  const matches = (query) => (item) => item.type !== 'line' ||
    (item.text.includes(query.get('contains') ?? '') && item.stream === (query.get('stream') ?? item.stream));
  Object.assign(log, { line, gap });
  log.write = (...rows) => {
    log.lines.push(...rows);
    for (const { query, controller } of log.streams) {
      controller.enqueue(bytes(rows.filter(matches(query)).map(block).join('')));
    }
  };
  log.end = (reason) => {
    for (const stream of log.streams) {
      stream.controller.enqueue(bytes('event: end\\ndata: {"type":"end","reason":"' + reason + '"}\\n\\n'));
      stream.controller.close();
      log.streams.delete(stream);
    }
  };
  // A thousand lines each time that the page has read those before.
  log.flood = (count) => { log.flooding = count; for (const { pulled } of log.streams) pulled(); };
  log.flooding = 0;
  function streamOf(query, signal) {
    let stream;
    const body = new ReadableStream({
      start(controller) {
        stream = { query, controller, pulled() {} };
        log.streams.add(stream);
        signal.addEventListener('abort', () => { log.streams.delete(stream); controller.error(signal.reason); });
        controller.enqueue(bytes(': open\\n\\n'));
      },
      async pull(controller) {
        while (log.flooding === 0) await new Promise((resolve) => { stream.pulled = resolve; });
        await new Promise((resolve) => setTimeout(resolve));
        const size = Math.min(log.flooding, 1000);
        log.flooding -= size;
        let text = '';
        for (let index = 0; index < size; index += 1) text += block(line('a line of the flood, number ' + log.written));
        controller.enqueue(bytes(text));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!url.pathname.endsWith('/logs/')) return real(input, init);
    const query = url.searchParams;
    log.asked.push(url.search);
    if (request.headers.get('accept') === 'text/event-stream') return streamOf(query, request.signal);
    const page = query.get('cursor')?.startsWith('older') ? Number(query.get('cursor').slice(5)) : 0;
    const results = (page === 0 ? log.lines : log.older[page - 1] ?? []).filter(matches(query));
    const previous = log.older[page] === undefined ? null : url.origin + url.pathname + '?cursor=older' + (page + 1);
    return Response.json({ next: null, previous, results });
  };
`;
