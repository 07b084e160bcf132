import { Link, useRouter, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { AccountMenu } from './account-menu.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Navigation } from './navigation.tsx';
import { OrgSwitcher } from './org-switcher.tsx';
import { PalettePart, SearchButton } from './palette-part.tsx';
import type { Opened } from './shortcuts.ts';
import { Wordmark } from './wordmark.tsx';

/** The frame of every page for people who are signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [opened, setOpened] = useState<Opened | null>(null);
  const router = useRouter();
  // Closes the menu on every navigation, also to the page that is open already.
  useEffect(() => router.subscribe('onBeforeNavigate', () => setIsMenuOpen(false)), [router]);
  return (
    <>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-lg focus:bg-brand focus:px-4 focus:py-2 focus:text-on-brand"
      >
        Skip to content
      </a>
      <LoadingBar />
      <PalettePart opened={opened} onOpen={setOpened} />
      <ConnectionBanner />
      <div className="lg:grid lg:min-h-dvh lg:grid-cols-[15rem_minmax(0,1fr)]">
        <header className="sticky top-0 z-30 flex items-center justify-between border-b border-line bg-canvas px-4 py-2.5 lg:hidden">
          <HomeLink />
          <button
            type="button"
            aria-label="Menu"
            aria-haspopup="dialog"
            onClick={() => setIsMenuOpen(true)}
            className="grid size-10 place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink"
          >
            <MenuIcon className="size-5" aria-hidden="true" />
          </button>
          <Dialog isOpen={isMenuOpen} onClose={() => setIsMenuOpen(false)} title="Menu">
            <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
              <OrgSwitcher />
              <SearchButton
                onOpen={(what) => {
                  setIsMenuOpen(false);
                  setOpened(what);
                }}
              />
              <Navigation />
              <div className="-mx-2.5 border-t border-line pt-3">
                <AccountMenu />
              </div>
            </div>
          </Dialog>
        </header>
        <div className="hidden border-r border-line lg:block">
          <header className="sticky top-0 flex h-dvh flex-col gap-5 overflow-y-auto px-3 py-5">
            <div className="px-2">
              <HomeLink />
            </div>
            <OrgSwitcher />
            <div className="grid flex-1 content-start gap-0.5">
              <SearchButton onOpen={setOpened} />
              <Navigation />
            </div>
            <AccountMenu />
          </header>
        </div>
        <main id="main" tabIndex={-1} className="px-4 py-5 pb-16 sm:px-8 lg:px-10">
          {children}
        </main>
      </div>
    </>
  );
}

function HomeLink() {
  return (
    <Link to="/" aria-label="DollarBox, home" className="rounded-lg">
      <Wordmark />
    </Link>
  );
}

/** A thin bar at the top while a page loads. */
function LoadingBar() {
  const isLoading = useRouterState({ select: (state) => state.isLoading });
  if (!isLoading) return null;
  return (
    <div
      aria-hidden="true"
      className="fixed inset-x-0 top-0 z-50 h-0.5 animate-[fade_200ms_150ms_both] overflow-hidden"
    >
      <div className="h-full w-1/3 animate-slide bg-brand" />
    </div>
  );
}
