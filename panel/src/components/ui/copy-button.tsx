import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ButtonSize } from './button-style.ts';
import { Button } from './button.tsx';

const SHOWN_MS = 2000;

interface CopyButtonProps {
  /** A function for what takes a while to put together. */
  text: string | (() => string);
  /** Names the text for screen readers. */
  what: string;
  size?: ButtonSize;
  /** On a phone only the icon is shown. */
  isShort?: boolean;
}

/** Copies a text and confirms it. */
export function CopyButton({ text, what, size = 'small', isShort = false }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setState('copied');
    } catch {
      setState('failed');
    }
  }
  const Icon = state === 'copied' ? Check : Copy;
  return (
    <>
      <Button
        kind="secondary"
        size={size}
        className={isShort ? 'max-sm:w-10 max-sm:px-0' : ''}
        onClick={copy}
        aria-label={`Copy ${what}`}
      >
        <Icon className="size-3.5" aria-hidden="true" />
        <span className={isShort ? 'max-sm:sr-only' : ''}>
          {{ idle: 'Copy', copied: 'Copied', failed: 'Select to copy' }[state]}
        </span>
      </Button>
      <span role="status" className="sr-only">
        {state === 'copied' && `Copied ${what}.`}
        {state === 'failed' && 'Your browser blocked copying. Select the text and copy it.'}
      </span>
    </>
  );
}
