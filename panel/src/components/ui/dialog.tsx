import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { focusReturnCreate } from './focus-return.ts';

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  about?: ReactNode;
  /** Can only be closed by a button inside: it shows, or is about to show, something that is shown only once. */
  isHeld?: boolean;
  children: ReactNode;
}

/** A modal dialog. It opens with the focus on its first field or safe choice, never on the close button. */
export function Dialog({ isOpen, onClose, title, about, isHeld = false, children }: DialogProps) {
  const focusGiveBack = useFocusReturn(isOpen);
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && !isHeld && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-black/50" />
        <Radix.Content
          onOpenAutoFocus={focusFirst}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusGiveBack();
          }}
          {...(about === undefined ? { 'aria-describedby': undefined } : {})}
          className="fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] animate-rise overflow-y-auto rounded-t-2xl border border-line bg-surface p-6 shadow-lifted sm:inset-auto sm:top-[12vh] sm:left-1/2 sm:max-h-[80vh] sm:w-[30rem] sm:-translate-x-1/2 sm:rounded-2xl"
        >
          <div className="mb-5 flex items-start justify-between gap-4">
            <div className="grid gap-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {about !== undefined && (
                <Radix.Description className="text-sm text-soft">{about}</Radix.Description>
              )}
            </div>
            {!isHeld && (
              <Radix.Close
                aria-label="Close"
                className="-mt-1 -mr-2 grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink"
              >
                <X className="size-4" aria-hidden="true" />
              </Radix.Close>
            )}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Focuses the first field, else the button marked as the safe choice, else the dialog itself. */
function focusFirst(event: Event): void {
  event.preventDefault();
  const dialog = event.currentTarget as HTMLElement;
  const target =
    dialog.querySelector<HTMLElement>('input:not([type="hidden"]), select, textarea') ??
    dialog.querySelector<HTMLElement>('[data-initial-focus]');
  (target ?? dialog).focus();
}

/** Returns the focus to what had it before the dialog opened. */
function useFocusReturn(isOpen: boolean): () => void {
  const [wasOpen, setWasOpen] = useState(false);
  const [giveBack, setGiveBack] = useState(() => focusReturnCreate(null));
  if (isOpen !== wasOpen) {
    setWasOpen(isOpen);
    if (isOpen) setGiveBack(() => focusReturnCreate(document.activeElement));
  }
  return giveBack;
}
