import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { LINE_PX, type LogLook, LogRows } from './log-block.tsx';
import type { OpenLog } from './use-log.ts';

/** Above the lines: what comes before them. */
const TOP_PX = 40;
const BOTTOM_PX = 8;
/** How near to the beginning the lines before it are read, in pixels. */
const OLDER_PX = 1200;
/** How far from the end still counts as being there. */
const END_PX = 2 * LINE_PX;

/** What stays in place when blocks come or go above it. */
interface Anchor {
  key: number;
  offset: number;
}

/**
 * The lines of a log near what is visible of it. It shows the newest lines as long as nobody scrolls up; from then on
 * the lines that are read stay where they are.
 */
export function LogView({ log, look }: { log: OpenLog; look: LogLook }) {
  const { feed } = log;
  const { blocks, appended } = feed.lines;
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const anchor = useRef<Anchor>(null);
  // Null: the newest lines are followed; else how many had come when that was paused.
  const [pausedAt, setPausedAt] = useState<number | null>(null);

  const virtual = useVirtualizer({
    count: blocks.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (blocks[index]?.entries.length ?? 0) * LINE_PX,
    // Another function has the places of all blocks computed again.
    getItemKey: useCallback((index: number) => blocks[index]?.key ?? index, [blocks]),
    overscan: 1,
    paddingStart: TOP_PX,
    paddingEnd: BOTTOM_PX,
    initialRect: { width: 0, height: 800 },
  });
  // While the end is followed, the place is set here alone: the virtualizer would start from where it saw it last.
  virtual.shouldAdjustScrollPositionOnItemSizeChange = (item, _, { scrollOffset }) =>
    pausedAt !== null && item.start < (scrollOffset ?? 0);
  const height = virtual.getTotalSize();

  const drawn = useRef<unknown[]>([]);
  useLayoutEffect(() => {
    // What is measured in the window moves its end only.
    const [isFollowing, now] = [pausedAt === null, [blocks, pausedAt, pausedAt === null && height]];
    const { current: box } = scroller;
    if (box === null || now.every((value, index) => value === drawn.current[index])) return;
    drawn.current = now;
    if (isFollowing) {
      box.scrollTop = box.scrollHeight;
    } else if (anchor.current !== null) {
      const index = anchor.current.key - (blocks[0]?.key ?? 0);
      const start = index < 0 ? TOP_PX : virtual.measurementsCache[index]?.start;
      if (start !== undefined) box.scrollTop = start + anchor.current.offset;
    }
    lastTop.current = box.scrollTop;
  });

  useLayoutEffect(() => virtual.measure(), [virtual, look.isWrapped, look.hasTimes]);

  const older = useOlder(log, scroller);

  function scrolled() {
    const { current: box } = scroller;
    if (box === null) return;
    const { scrollTop, scrollHeight, clientHeight } = box;
    const isUp = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    if (scrollHeight - scrollTop - clientHeight <= END_PX) setPausedAt(null);
    else if (isUp) setPausedAt((before) => before ?? feed.lines.appended);
    const first = virtual.getVirtualItemForOffset(scrollTop);
    const key = first === undefined ? undefined : blocks[first.index]?.key;
    anchor.current =
      first === undefined || key === undefined ? null : { key, offset: scrollTop - first.start };
    if (isUp && scrollTop < OLDER_PX) older.read();
  }

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label="Log"
        tabIndex={0}
        onScroll={scrolled}
        className="h-full overflow-auto overscroll-contain rounded-t-xl font-mono text-[0.75rem] leading-[17px] [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div
          className="relative min-w-full"
          style={{ height: `${height}px`, width: look.isWrapped ? '100%' : 'max-content' }}
        >
          <div className="sticky left-0 flex h-10 w-fit items-center px-3 font-sans text-xs text-faint">
            <Before log={log} older={older} />
          </div>
          {/* In the flow, so that the widest line gives the width to scroll. */}
          <div
            className="absolute top-0 left-0 min-w-full"
            style={{
              transform: `translateY(${virtual.getVirtualItems()[0]?.start ?? 0}px)`,
              width: look.isWrapped ? '100%' : 'max-content',
            }}
          >
            {virtual.getVirtualItems().map(({ index, key }) => {
              const block = blocks[index];
              return (
                block !== undefined && (
                  <div key={key} ref={virtual.measureElement} data-index={index}>
                    <LogRows block={block} size={block.entries.length} {...look} />
                  </div>
                )
              );
            })}
          </div>
        </div>
      </div>
      {pausedAt !== null && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button
            size="small"
            className="pointer-events-auto shadow-lifted max-sm:h-11"
            onClick={() => {
              setPausedAt(null);
              scroller.current?.focus({ preventScroll: true });
            }}
          >
            <ArrowDown className="size-3.5" aria-hidden="true" />
            Jump to newest
            {appended > pausedAt && ` · ${(appended - pausedAt).toLocaleString('en')} new`}
          </Button>
        </div>
      )}
    </div>
  );
}

interface Older {
  error: unknown;
  read: () => void;
}

/** Reads what comes before the first line, once at a time. */
function useOlder({ feed }: OpenLog, scroller: React.RefObject<HTMLDivElement | null>): Older {
  const [error, setError] = useState<unknown>(null);
  const abort = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    return () => controller.abort();
  }, []);
  return {
    error,
    read() {
      const { signal } = abort.current;
      setError(null);
      feed.olderRead(signal).catch((fault: unknown) => {
        if (!signal.aborted) setError(fault);
      });
      scroller.current?.focus({ preventScroll: true });
    },
  };
}

/** What comes before the first line that is there. */
function Before({ log: { feed, state }, older }: { log: OpenLog; older: Older }) {
  if (state.status === 'loading' || state.status === 'failed') return null;
  if (feed.lines.hasDropped) {
    return 'Earlier lines are not kept here any more. Reload the page to read them.';
  }
  if (state.isReadingOlder) return 'Reading earlier lines …';
  if (!state.hasOlder) return feed.lines.count === 0 ? null : 'The log begins here.';
  return (
    <button type="button" onClick={older.read} className="font-medium text-brand hover:underline">
      {older.error === null ? 'Read earlier lines' : 'Earlier lines could not be read. Try again'}
    </button>
  );
}
