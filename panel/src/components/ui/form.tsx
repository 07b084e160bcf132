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

const NONE: Readonly<Record<string, string>> = {};

const FaultContext = createContext<Readonly<Record<string, string>>>(NONE);

/** The fault of the field of this name, if the last try found one. */
export function useFieldFault(name: string): string | undefined {
  return use(FaultContext)[name];
}

/** What a form does with what is typed in, and what became of it. */
export interface FormSending {
  /** Called with the fields' texts by name. */
  onSend: (values: Record<string, string>) => void;
  fault: FormFault | null;
  isBusy: boolean;
}

interface FormProps extends Pick<FormSending, 'onSend'> {
  fault?: FormFault | null | undefined;
  isBusy?: boolean;
  children: ReactNode;
  label?: string;
}

/** A form whose faults stand at their fields, and which leads the focus to the first of them. */
export function Form({ onSend, fault, isBusy = false, children, label }: FormProps) {
  const [missing, setMissing] = useState<Readonly<Record<string, string>>>(NONE);
  const [names, setNames] = useState<readonly string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (fault || missing !== NONE)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [fault, missing]);
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const values = valuesOf(event.currentTarget);
    const empty = missingIn(event.currentTarget);
    setMissing(empty);
    if (empty !== NONE) return;
    setNames(Object.keys(values));
    onSend(values);
  }
  const isShownAtFields = fault != null && names.some((name) => name in fault.fields);
  return (
    <form ref={form} onSubmit={send} noValidate aria-label={label} className="grid gap-5">
      {fault != null && missing === NONE && !isShownAtFields && (
        <Callout kind="danger" role="alert">
          {fault.message}
        </Callout>
      )}
      <FaultContext value={missing === NONE ? (fault?.fields ?? NONE) : missing}>
        {children}
      </FaultContext>
    </form>
  );
}

/** Of each field that has to be filled in and is empty, that it is. */
function missingIn(form: HTMLFormElement): Readonly<Record<string, string>> {
  const empty = [...form.elements].filter(
    (field) => field instanceof HTMLInputElement && field.required && field.value === '',
  ) as HTMLInputElement[];
  if (empty.length === 0) return NONE;
  return Object.fromEntries(empty.map(({ name }) => [name, 'Fill this in.']));
}

function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}
