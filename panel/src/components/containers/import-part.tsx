import { useLoadedCode } from '../../api/loaded-code.ts';
import type { ImportDialogProps } from './import-dialog.tsx';

interface ImportPartProps extends Omit<ImportDialogProps, 'text'> {
  /** What to import; null while nothing is imported. */
  text: string | null;
}

/** The dialog that imports settings. Its code, which reads YAML, is loaded when it is first opened. */
export function ImportPart({ text, ...rest }: ImportPartProps) {
  const code = useLoadedCode(
    'import',
    text !== null,
    rest.onClose,
    () => import('./import-dialog.tsx'),
  );
  if (text === null || code === undefined) return null;
  return <code.ImportDialog key={text} text={text} {...rest} />;
}
