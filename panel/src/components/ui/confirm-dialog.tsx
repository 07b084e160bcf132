import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Callout } from './callout.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** What the action does. */
  children: ReactNode;
  /** The verb on the button. */
  verb: string;
  isBusy?: boolean;
  faultMessage?: string | undefined;
}

/** Asks for confirmation before an action that can't be undone. Opens with the focus on Cancel. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onClose, onConfirm, title, children, verb, isBusy = false, faultMessage } = props;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title} about={children}>
      <div className="grid gap-5">
        {faultMessage !== undefined && (
          <Callout kind="danger" role="alert">
            {faultMessage}
          </Callout>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="secondary" onClick={onClose} data-initial-focus>
            Cancel
          </Button>
          <Button kind="danger" isBusy={isBusy} onClick={onConfirm}>
            {verb}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
