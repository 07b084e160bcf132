import { Link } from '@tanstack/react-router';
import { BookOpen, House, KeyRound, ShieldCheck, UserRound } from 'lucide-react';
import type { ComponentType } from 'react';

const ITEM =
  'flex min-h-9 items-center gap-3 rounded-lg px-3 text-sm font-medium text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-brand-soft aria-[current=page]:text-brand';

interface Section {
  title?: string;
  items: readonly {
    to: '/' | '/settings/account/' | '/settings/security/' | '/settings/api-tokens/';
    text: string;
    icon: ComponentType<{ className?: string }>;
  }[];
}

/** What the side of every page leads to. */
const SECTIONS: readonly Section[] = [
  { items: [{ to: '/', text: 'Home', icon: House }] },
  {
    title: 'Settings',
    items: [
      { to: '/settings/account/', text: 'Account', icon: UserRound },
      { to: '/settings/security/', text: 'Security', icon: ShieldCheck },
      { to: '/settings/api-tokens/', text: 'API tokens', icon: KeyRound },
    ],
  },
];

export function Navigation() {
  return (
    <nav aria-label="Main" className="grid gap-6">
      {SECTIONS.map(({ title, items }) => (
        <div key={title ?? 'top'} className="grid gap-0.5">
          {title !== undefined && (
            <p className="px-3 pb-1 text-xs font-medium text-faint">{title}</p>
          )}
          {items.map(({ to, text, icon: Icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: true }} className={ITEM}>
              <Icon className="size-4 shrink-0" aria-hidden="true" />
              {text}
            </Link>
          ))}
        </div>
      ))}
      <div className="grid gap-0.5">
        <p className="px-3 pb-1 text-xs font-medium text-faint">Reference</p>
        <a href="/api/v1/docs/" className={ITEM}>
          <BookOpen className="size-4 shrink-0" aria-hidden="true" />
          API documents
        </a>
      </div>
    </nav>
  );
}
