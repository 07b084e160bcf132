import { Download } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { buttonStyle } from '../ui/button-style.ts';
import { Callout } from '../ui/callout.tsx';
import { CopyButton } from '../ui/copy-button.tsx';

interface BackupCodesProps {
  codes: readonly string[];
  onDone: () => void;
}

/** Backup codes for people who have lost their authenticator app, to copy or download. */
export function BackupCodes({ codes, onDone }: BackupCodesProps) {
  const text = codes.join('\n');
  const url = `data:text/plain;charset=utf-8,${encodeURIComponent(`DollarBox backup codes. Each can be used once.\n\n${text}\n`)}`;
  return (
    <div className="grid gap-5">
      <Callout kind="warning">
        Store them somewhere that you can reach without your phone. They are shown only once, and
        each can be used once.
      </Callout>
      <ul
        aria-label="Backup codes"
        className="grid grid-cols-2 gap-x-6 gap-y-1.5 rounded-lg border border-line bg-sunken px-4 py-3 font-mono text-sm"
      >
        {codes.map((code) => (
          <li key={code} className="text-center">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} what="backup codes" />
        <a
          href={url}
          download="dollarbox-backup-codes.txt"
          className={buttonStyle('secondary', 'small')}
        >
          <Download className="size-3.5" aria-hidden="true" />
          Download
        </a>
        <span className="flex-1" />
        <Button size="small" onClick={onDone}>
          I have saved them
        </Button>
      </div>
    </div>
  );
}
