import {
  ChevronDown,
  Clock3,
  Download,
  Maximize2,
  Minimize2,
  Search,
  WrapText,
  X,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { LogFeed } from '../../api/log-feed.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { logDownload, logText } from './log-download.ts';

/** What the URL says about a log. */
export interface LogSettings {
  q?: string;
  stream?: string;
  /** `1`: long lines wrap. */
  wrap?: string;
  /** `0`: without times. */
  times?: string;
}

interface LogToolbarProps {
  name: string;
  feed: LogFeed;
  settings: LogSettings;
  isFull: boolean;
  onChange: (settings: LogSettings) => void;
  onFull: (isFull: boolean) => void;
}

export function LogToolbar({ name, feed, settings, isFull, onChange, onFull }: LogToolbarProps) {
  const isWrapped = settings.wrap === '1';
  const hasTimes = settings.times !== '0';
  const FullIcon = isFull ? Minimize2 : Maximize2;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <TextFilter value={settings.q ?? ''} onChange={(q) => onChange({ ...settings, q })} />
      <div className="relative">
        <select
          aria-label="Stream"
          value={settings.stream ?? ''}
          onChange={(event) => onChange({ ...settings, stream: event.target.value })}
          className="h-10 min-w-0 appearance-none rounded-lg border border-edge bg-surface pr-8 pl-3 text-[1rem] hover:border-ink-soft sm:text-sm"
        >
          <option value="">All output</option>
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
        </select>
        <ChevronDown
          aria-hidden="true"
          className="pointer-events-none absolute top-3 right-2.5 size-4 text-soft"
        />
      </div>
      <div className="ml-auto flex items-center gap-2">
        <Toggle
          label="Wrap lines"
          icon={<WrapText className="size-4" aria-hidden="true" />}
          isOn={isWrapped}
          onChange={(isOn) => onChange({ ...settings, wrap: isOn ? '1' : '' })}
        />
        <Toggle
          label="Times"
          icon={<Clock3 className="size-4" aria-hidden="true" />}
          isOn={hasTimes}
          onChange={(isOn) => onChange({ ...settings, times: isOn ? '' : '0' })}
        />
        <CopyButton text={() => logText(feed.lines)} what="the lines" size="medium" isShort />
        <DownloadButton name={name} feed={feed} />
        <Toggle
          label="Full screen"
          icon={<FullIcon className="size-4" aria-hidden="true" />}
          isOn={isFull}
          onChange={onFull}
        />
      </div>
    </div>
  );
}

/** How long nobody types before the log is filtered, in milliseconds. */
const TYPED_MS = 300;

/** The server filters, so that lines are found that are not here yet. */
function TextFilter({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const applied = useRef(value);
  useEffect(() => {
    if (text === applied.current) return;
    const timer = setTimeout(() => {
      applied.current = text;
      onChange(text);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <div className="relative min-w-0 flex-1 basis-40 sm:max-w-md">
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-3 left-3 size-4 text-faint"
      />
      <input
        type="search"
        aria-label="Filter by text"
        placeholder="Filter lines"
        title="Matches upper and lower case as typed"
        value={text}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        className="h-10 w-full rounded-lg border border-edge bg-surface pr-3 pl-9 text-[1rem] placeholder:text-faint hover:border-ink-soft sm:text-sm"
      />
    </div>
  );
}

interface ToggleProps {
  label: string;
  icon: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

function Toggle({ label, icon, isOn, onChange }: ToggleProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
      className={classes(
        'grid size-10 shrink-0 place-items-center rounded-lg border',
        isOn
          ? 'border-brand bg-brand-soft text-brand'
          : 'border-edge/50 bg-surface text-soft hover:border-edge hover:text-ink',
      )}
    >
      {icon}
    </button>
  );
}

/** Reads the whole log, then saves it as a file. A second press cancels. */
function DownloadButton({ name, feed }: { name: string; feed: LogFeed }) {
  const [running, setRunning] = useState<AbortController | null>(null);
  const [isFailed, setIsFailed] = useState(false);
  useEffect(() => () => running?.abort(), [running]);
  async function start() {
    const controller = new AbortController();
    setRunning(controller);
    setIsFailed(false);
    try {
      await logDownload(name, feed, controller.signal);
    } catch {
      setIsFailed(!controller.signal.aborted);
    }
    setRunning(null);
  }
  return (
    <Button
      kind="secondary"
      className="max-sm:w-10 max-sm:px-0"
      onClick={() => (running === null ? void start() : running.abort())}
    >
      {running === null ? (
        <Download className="size-4" aria-hidden="true" />
      ) : (
        <X className="size-4" aria-hidden="true" />
      )}
      <span className="max-sm:sr-only">
        {running !== null && `Cancel (${feed.lines.count.toLocaleString('en')} lines)`}
        {running === null && (isFailed ? 'Try the download again' : 'Download')}
      </span>
    </Button>
  );
}
