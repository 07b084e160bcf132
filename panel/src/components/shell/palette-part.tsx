import { Search } from 'lucide-react';
import { useLoadedCode } from '../../api/loaded-code.ts';
import { type Opened, modifierName, useShortcuts } from './shortcuts.ts';

interface PalettePartProps {
  opened: Opened | null;
  onOpen: (what: Opened | null) => void;
}

/** The search over all pages, the help about keys, and the keys that open them. Loaded when one is first opened. */
export function PalettePart({ opened, onOpen }: PalettePartProps) {
  useShortcuts(onOpen);
  const close = () => onOpen(null);
  const palette = useLoadedCode(
    'palette',
    opened === 'palette',
    close,
    () => import('./palette.tsx'),
  );
  const keys = useLoadedCode('keys', opened === 'keys', close, () => import('./keys-dialog.tsx'));
  if (opened === 'palette' && palette !== undefined) {
    return <palette.Palette onClose={close} onKeys={() => onOpen('keys')} />;
  }
  if (opened === 'keys' && keys !== undefined) return <keys.KeysDialog onClose={close} />;
  return null;
}

/** Opens the search with the pointer. */
export function SearchButton({ onOpen }: { onOpen: (what: Opened) => void }) {
  return (
    <button
      type="button"
      onClick={() => onOpen('palette')}
      className="flex h-11 w-full items-center gap-3 rounded-lg px-3 text-left text-sm font-medium text-soft hover:bg-sunken hover:text-ink lg:h-9"
    >
      <Search className="size-4 shrink-0" aria-hidden="true" />
      <span className="flex-1">Search</span>
      <span aria-hidden="true" className="text-xs font-normal text-faint max-lg:hidden">
        {modifierName()} K
      </span>
    </button>
  );
}
