import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { type ReactNode, createContext, use, useCallback, useEffect, useState } from 'react';
import { classes } from './classes.ts';

const SHOWN_MS = 6000;

interface Notice {
  id: number;
  kind: 'done' | 'failed';
  text: string;
}

type Notify = (text: string, kind?: Notice['kind']) => void;

const NotifyContext = createContext<Notify>(() => {});

/** A function that shows a short message in a corner of the page and announces it to screen readers. */
export function useNotify(): Notify {
  return use(NotifyContext);
}

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text, kind = 'done') => {
    setNotices((before) => [{ id: (before.at(-1)?.id ?? 0) + 1, kind, text }]);
  }, []);
  const drop = useCallback((id: number) => {
    setNotices((before) => before.filter((notice) => notice.id !== id));
  }, []);
  return (
    <NotifyContext value={notify}>
      {children}
      <div
        role="region"
        aria-label="Notices"
        aria-live="polite"
        // In the strip above every page, beside the menu button of a phone, where nothing can be pressed.
        className="pointer-events-none fixed top-1.5 right-16 left-3 z-[60] grid justify-items-center sm:right-24 sm:left-24 lg:right-32 lg:left-[22rem]"
      >
        {notices.map((notice) => (
          <NoticeBox key={notice.id} notice={notice} onDrop={drop} />
        ))}
      </div>
    </NotifyContext>
  );
}

function NoticeBox({ notice, onDrop }: { notice: Notice; onDrop: (id: number) => void }) {
  const { id, kind, text } = notice;
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => onDrop(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, isHeld, onDrop]);
  const Icon = kind === 'done' ? CircleCheck : CircleAlert;
  return (
    <div
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      className="pointer-events-auto flex max-w-md animate-rise items-start gap-2.5 rounded-lg border border-line bg-surface py-2 pr-1.5 pl-3 text-sm shadow-lifted"
    >
      <Icon
        aria-hidden="true"
        className={classes(
          'mt-0.5 size-4 shrink-0',
          kind === 'done' ? 'text-brand' : 'text-danger',
        )}
      />
      <p className="min-w-0 wrap-anywhere">{text}</p>
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => onDrop(id)}
        className="-my-0.5 grid size-6 shrink-0 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
      >
        <X className="size-3.5" aria-hidden="true" />
      </button>
    </div>
  );
}
