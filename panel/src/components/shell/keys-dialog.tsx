import { Dialog } from '../ui/dialog.tsx';
import { Switch } from '../ui/switch.tsx';
import { ORG_ITEMS } from './navigation.tsx';
import { modifierName, singleKeysSet, useSingleKeys } from './shortcuts.ts';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['Ctrl', 'K'], 'Search and run commands'],
  [['/'], 'Search this page'],
  [['c'], 'New container'],
  [['?'], 'Show these shortcuts'],
];

/** The keys that work on every page. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const areOn = useSingleKeys();
  const places = ORG_ITEMS.flatMap(({ key, text }) =>
    key === undefined ? [] : [[['g', key], `Go to ${text}`] as const],
  );
  return (
    <Dialog isOpen onClose={onClose} title="Keyboard shortcuts">
      <dl className="mb-5 grid gap-2 text-sm">
        {[...KEYS, ...places].map(([keys, text]) => (
          <div key={text} className="flex items-center justify-between gap-4">
            <dt className="text-soft">{text}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <Key key={key}>{key === 'Ctrl' ? modifierName() : key}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <div className="border-t border-line pt-4">
        <Switch
          label="Single-key shortcuts"
          about={`${modifierName()} K works either way.`}
          isOn={areOn}
          onChange={singleKeysSet}
        />
      </div>
    </Dialog>
  );
}

function Key({ children }: { children: string }) {
  return (
    <kbd className="grid h-6 min-w-6 place-items-center rounded-md border border-line bg-sunken px-1.5 font-sans text-xs text-soft">
      {children}
    </kbd>
  );
}
