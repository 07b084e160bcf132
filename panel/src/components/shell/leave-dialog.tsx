import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

interface LeaveDialogProps {
  /** Whether leaving the page at this moment is to be asked about. */
  isAsked: () => boolean;
  /** Whether the browser asks too when the tab is closed or loaded again. */
  isHeld?: boolean;
  title: string;
  children: ReactNode;
}

/** Asks before a page with edits is left. */
export function LeaveDialog({ isAsked, isHeld = true, title, children }: LeaveDialogProps) {
  const blocker = useBlocker({
    // The end of the session leads to the sign-in page, and there is nothing to stay for.
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname && next.pathname !== '/sign-in' && isAsked(),
    enableBeforeUnload: () => isHeld && isAsked(),
    withResolver: true,
  });
  return (
    <ConfirmDialog
      isOpen={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
      title={title}
      verb="Leave"
    >
      {children}
    </ConfirmDialog>
  );
}
