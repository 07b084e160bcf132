import {
  type ReactNode,
  type SubmitEvent,
  createContext,
  use,
  useEffect,
  useRef,
  useState,
} from 'react';
import { Callout } from './callout.tsx';

/** What is wrong with what was sent: a sentence for all of it, and faults by the name of a field. */
export interface FormFault {
  message: string;
  fields: Readonly<Record<string, string>>;
}

const NONE = {};

const FaultContext = createContext<Readonly<Record<string, string>>>(NONE);

/** The fault of the field of this name, if the last try found one. */
export function useFieldFault(name: string): string | undefined {
  return use(FaultContext)[name];
}

interface FormProps {
  /** Called with the fields' texts by name. */
  onSend: (values: Record<string, string>) => void;
  fault?: FormFault | null | undefined;
  isBusy?: boolean;
  children: ReactNode;
  label?: string;
}

/** A form whose faults stand at their fields, and which leads the focus to the first of them. */
export function Form({ onSend, fault, isBusy = false, children, label }: FormProps) {
  const [names, setNames] = useState<readonly string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (fault) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [fault]);
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const values = valuesOf(event.currentTarget);
    setNames(Object.keys(values));
    onSend(values);
  }
  const isShownAtFields = fault != null && names.some((name) => name in fault.fields);
  return (
    <form ref={form} onSubmit={send} noValidate aria-label={label} className="grid gap-5">
      {fault != null && !isShownAtFields && (
        <Callout kind="danger" role="alert">
          {fault.message}
        </Callout>
      )}
      <FaultContext value={fault?.fields ?? NONE}>{children}</FaultContext>
    </form>
  );
}

function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}
