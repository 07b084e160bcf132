import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_MS = 2000;

/** Copies a text and confirms it. @param what names the text for screen readers. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('failed');
    }
  }
  const Icon = state === 'copied' ? Check : Copy;
  return (
    <>
      <Button kind="secondary" size="small" onClick={copy} aria-label={`Copy ${what}`}>
        <Icon className="size-3.5" aria-hidden="true" />
        {{ idle: 'Copy', copied: 'Copied', failed: 'Select to copy' }[state]}
      </Button>
      <span role="status" className="sr-only">
        {state === 'copied' && `Copied ${what}.`}
        {state === 'failed' && 'Your browser blocked copying. Select the text and copy it.'}
      </span>
    </>
  );
}
