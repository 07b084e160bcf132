import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemOrNull } from '../../api/problem.ts';
import { Dialog } from '../ui/dialog.tsx';
import type { FormSending } from '../ui/form.tsx';

interface CreateDialogProps<Made> {
  isOpen: boolean;
  onClose: () => void;
  create: UseMutationResult<Made, Error, Record<string, string>>;
  title: string;
  about: string;
  renderForm: (sending: FormSending) => ReactNode;
  /** What is shown in place of the form, once, when the object is created. */
  shown: (made: Made, onDone: () => void) => { title: string; about: string; body: ReactNode };
}

/**
 * A form that creates something with a secret, and then the secret, which nobody can see again: pressing beside the dialog
 * does not close it.
 */
export function CreateDialog<Made>(props: CreateDialogProps<Made>) {
  const { isOpen, onClose, create, renderForm, shown } = props;
  const { mutate, reset, isPending, error, data } = create;
  function close() {
    onClose();
    reset();
  }
  const made = data === undefined ? null : shown(data, close);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      isHeld={isPending || made !== null}
      title={made?.title ?? props.title}
      about={made?.about ?? props.about}
    >
      {made?.body ?? renderForm({ onSend: mutate, isBusy: isPending, fault: problemOrNull(error) })}
    </Dialog>
  );
}
