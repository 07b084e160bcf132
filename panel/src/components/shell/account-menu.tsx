import { unwrap } from '@dollarbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { BookOpen, ChevronsUpDown, LogOut, UserRound } from 'lucide-react';
import { accountApi } from '../../api/client.ts';
import { accountQuery, keys } from '../../api/queries.ts';
import { useFaultNotify } from '../../api/use-fault-notify.ts';
import { type ThemeChoice, themeChoose, useThemeChoice } from '../../theme/theme.ts';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../ui/menu.tsx';
import { THEME_CHOICES } from './theme-choices.tsx';

/** The menu of the signed-in account. */
export function AccountMenu() {
  const { data: account } = useQuery(accountQuery);
  const theme = useThemeChoice();
  const faultNotify = useFaultNotify();
  const router = useRouter();
  const queries = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => unwrap(accountApi.POST('/sign-out/')),
    async onSuccess() {
      queries.setQueryData(keys.account, null);
      await router.navigate({ to: '/sign-in' });
      queries.clear();
    },
    onError: faultNotify,
  });
  if (account == null) return <div className="h-13" aria-hidden="true" />;
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex h-13 w-full items-center gap-3 rounded-lg px-2.5 text-left text-sm hover:bg-sunken"
        >
          <span className="grid min-w-0 flex-1">
            <span className="sr-only">Account: </span>
            <span className="truncate font-medium">{account.name || account.email}</span>
            {account.name !== '' && (
              <span className="truncate text-xs text-faint">{account.email}</span>
            )}
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-faint" aria-hidden="true" />
        </button>
      }
    >
      <MenuItem asChild>
        <Link to="/settings/account/">
          <UserRound className="size-4" aria-hidden="true" />
          Account settings
        </Link>
      </MenuItem>
      <MenuItem asChild>
        <a href="/api/v1/docs/">
          <BookOpen className="size-4" aria-hidden="true" />
          API reference
        </a>
      </MenuItem>
      <MenuSeparator />
      <MenuChoice<ThemeChoice>
        label="Theme"
        value={theme}
        choices={THEME_CHOICES}
        onChoose={themeChoose}
      />
      <MenuSeparator />
      <MenuItem onSelect={() => signOut.mutate()}>
        <LogOut className="size-4" aria-hidden="true" />
        Sign out
      </MenuItem>
    </Menu>
  );
}
