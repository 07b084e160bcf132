import { type ThemeChoice, themeChoose, useThemeChoice } from '../../theme/theme.ts';
import { Menu, MenuChoice } from '../ui/menu.tsx';
import { THEME_CHOICES } from './theme-choices.tsx';

export function ThemeMenu() {
  const choice = useThemeChoice();
  const current = THEME_CHOICES.find(({ value }) => value === choice) ?? THEME_CHOICES[0];
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`Theme: ${current.text}`}
          className="grid size-9 place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink"
        >
          {current.icon}
        </button>
      }
    >
      <MenuChoice<ThemeChoice>
        label="Theme"
        value={choice}
        choices={THEME_CHOICES}
        onChoose={themeChoose}
      />
    </Menu>
  );
}
