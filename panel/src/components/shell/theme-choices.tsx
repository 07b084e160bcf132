import { Monitor, Moon, Sun } from 'lucide-react';

/** The themes to choose from, for menus. */
export const THEME_CHOICES = [
  {
    value: 'system',
    text: 'System',
    icon: <Monitor className="size-4" aria-hidden="true" />,
  },
  { value: 'light', text: 'Light', icon: <Sun className="size-4" aria-hidden="true" /> },
  { value: 'dark', text: 'Dark', icon: <Moon className="size-4" aria-hidden="true" /> },
] as const;
