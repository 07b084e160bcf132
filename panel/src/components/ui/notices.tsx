import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { type ReactNode, createContext, use, useCallback, useEffect, useState } from 'react';
import { classes } from './classes.ts';

const SHOWN_MS = 8000;

interface Notice {
  id: number;
  kind: 'done' | 'failed';
  text: string;
}

type Notify = (text: string, kind?: Notice['kind']) => void;

const NotifyContext = createContext<Notify>(() => {});

/** A function that says something in a corner of the page, and to those who listen. */
export function useNotify(): Notify {
  return use(NotifyContext);
}

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text, kind = 'done') => {
    setNotices((before) => [...before.slice(-2), { id: (before.at(-1)?.id ?? 0) + 1, kind, text }]);
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
        className="pointer-events-none fixed inset-x-4 bottom-4 z-[60] grid justify-items-end gap-2"
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
    if (kind === 'failed' || isHeld) return;
    const timer = setTimeout(() => onDrop(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, kind, isHeld, onDrop]);
  const Icon = kind === 'done' ? CircleCheck : CircleAlert;
  return (
    <div
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      className="pointer-events-auto flex max-w-md animate-rise items-start gap-3 rounded-xl border border-line bg-surface py-3 pr-2 pl-4 text-sm shadow-lifted"
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
        className="-my-1 grid size-7 shrink-0 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
      >
        <X className="size-3.5" aria-hidden="true" />
      </button>
    </div>
  );
}
