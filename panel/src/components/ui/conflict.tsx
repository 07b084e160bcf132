import { Button } from './button.tsx';
import { Callout } from './callout.tsx';

/** A field as it was when the form was opened, as someone else has saved it, and as it is in the form. */
export interface ConflictField {
  label: string;
  before: string;
  theirs: string;
  yours: string;
}

interface ConflictProps {
  fields: readonly ConflictField[];
  onTheirs: () => void;
  onYours: () => void;
  isBusy: boolean;
}

/** Shown instead of saving over what someone else has saved meanwhile: yours, theirs, before. */
export function Conflict({ fields, onTheirs, onYours, isBusy }: ConflictProps) {
  return (
    <Callout kind="warning" role="alert" title="Changed elsewhere while you were editing">
      <div className="grid gap-4">
        <table className="w-full text-left">
          <thead className="text-xs">
            <tr>
              {['Field', 'Before', 'Theirs', 'Yours'].map((head) => (
                <th key={head} scope="col" className="py-1 pr-3 font-medium">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map(({ label, before, theirs, yours }) => (
              <tr key={label} className="align-top">
                <th scope="row" className="py-1 pr-3 font-medium">
                  {label}
                </th>
                {[before, theirs, yours].map((text, index) => (
                  // oxlint-disable-next-line react/no-array-index-key -- always these three, in this order
                  <td key={index} className="py-1 pr-3 wrap-anywhere">
                    {text === '' ? <em>empty</em> : text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <div className="flex flex-wrap gap-2">
          <Button kind="secondary" size="small" onClick={onTheirs}>
            Use theirs
          </Button>
          <Button kind="secondary" size="small" isBusy={isBusy} onClick={onYours}>
            Save yours
          </Button>
        </div>
      </div>
    </Callout>
  );
}

/** The fields that somebody else changed, or that would be changed back. */
export function conflictFieldsOf<Field extends string>(
  labels: Readonly<Record<Field, string>>,
  before: Readonly<Record<NoInfer<Field>, string>>,
  theirs: Readonly<Record<NoInfer<Field>, string>>,
  yours: Readonly<Record<NoInfer<Field>, string>>,
): ConflictField[] {
  return (Object.keys(labels) as Field[])
    .filter((field) => theirs[field] !== before[field] || yours[field] !== theirs[field])
    .map((field) => ({
      label: labels[field],
      before: before[field],
      theirs: theirs[field],
      yours: yours[field],
    }));
}
