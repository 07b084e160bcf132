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

/** What the server rejected: a sentence for the whole request, and faults by the path of a field. */
export interface FormFault {
  message: string;
  fields: Readonly<Record<string, string>>;
}

const NONE: Readonly<Record<string, string>> = {};

const FaultContext = createContext<Readonly<Record<string, string>>>(NONE);

/** The fault of the field with this name in the last request, if any. */
export function useFieldFault(name: string): string | undefined {
  return use(FaultContext)[name];
}

/** How a form is sent, and the result. */
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

/** A form that shows faults at their fields and moves the focus to the first of them. */
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
  const elsewhere =
    fault == null ? [] : Object.entries(fault.fields).filter(([name]) => !names.includes(name));
  const isShownAtFields =
    fault != null && elsewhere.length === 0 && Object.keys(fault.fields).length > 0;
  return (
    <form ref={form} onSubmit={send} noValidate aria-label={label} className="grid gap-5">
      {fault != null && missing === NONE && !isShownAtFields && (
        <Callout kind="danger" role="alert">
          {elsewhere.length === 0 ? fault.message : <FaultList faults={elsewhere} />}
        </Callout>
      )}
      <FaultContext value={missing === NONE ? (fault?.fields ?? NONE) : missing}>
        {children}
      </FaultContext>
    </form>
  );
}

/** Faults that belong to no field of the form: none is ever dropped. */
function FaultList({ faults }: { faults: readonly (readonly [string, string])[] }) {
  return (
    <ul className="grid gap-1">
      {faults.map(([path, text]) => (
        <li key={path}>
          <span className="font-mono">{path}</span>: {text}
        </li>
      ))}
    </ul>
  );
}

/** A message for each required field that is empty. */
function missingIn(form: HTMLFormElement): Readonly<Record<string, string>> {
  const empty = [...form.elements].filter(
    (field) => field instanceof HTMLInputElement && field.required && field.value === '',
  ) as HTMLInputElement[];
  if (empty.length === 0) return NONE;
  return Object.fromEntries(empty.map(({ name }) => [name, 'This field is required.']));
}

function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}
