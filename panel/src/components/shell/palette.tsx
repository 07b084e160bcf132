import { Command } from 'cmdk';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { type Entry, usePaletteEntries } from './palette-entries.ts';
import { paletteFind } from './palette-find.ts';

/** How many of each kind are shown before anything is typed. */
const SHOWN_UNTYPED = 5;

interface PaletteProps {
  onClose: () => void;
  onKeys: () => void;
}

/** Finds pages, containers, volumes, orgs and actions by typing. */
export function Palette({ onClose, onKeys }: PaletteProps) {
  const [typed, setTyped] = useState('');
  const entries = usePaletteEntries(onKeys);
  const found = paletteFind(entries, typed);
  const groups = Map.groupBy(found, ({ group }) => group);
  return (
    <Dialog isOpen onClose={onClose} title="Search">
      <Command shouldFilter={false} loop label="Search" className="grid gap-3">
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="Container, page or action"
          className="h-11 w-full rounded-lg border border-edge bg-surface px-3 text-[1rem] placeholder:text-faint"
        />
        <Command.List
          // As tall as it gets, so that the dialog keeps its size while the results change.
          className="h-[min(22rem,45dvh)] overflow-y-auto"
        >
          <Command.Empty className="py-8 text-center text-sm text-soft">
            Nothing matches.
          </Command.Empty>
          {[...groups].map(([group, all]) => (
            <Command.Group
              key={group}
              heading={group}
              className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint"
            >
              {all.slice(0, typed === '' ? SHOWN_UNTYPED : all.length).map((entry) => (
                <Item
                  key={entry.id}
                  entry={entry}
                  onRun={() => {
                    onClose();
                    entry.run();
                  }}
                />
              ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}

function Item({ entry, onRun }: { entry: Entry; onRun: () => void }) {
  const { id, text, hint, icon: Icon } = entry;
  return (
    <Command.Item
      value={id}
      onSelect={onRun}
      className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-brand-soft data-[selected=true]:text-brand"
    >
      <Icon className="size-4 shrink-0" aria-hidden="true" />
      <span className="min-w-0 flex-1 truncate">{text}</span>
      {hint !== undefined && <span className="max-w-40 truncate text-xs text-faint">{hint}</span>}
    </Command.Item>
  );
}
