import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { accountQuery, setupQuery, usageQuery } from '../api/queries.ts';
import { FirstSteps } from '../components/first-steps.tsx';
import { OrgTile } from '../components/shell/org-switcher.tsx';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Badge } from '../components/ui/badge.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Meter } from '../components/ui/meter.tsx';
import { Empty } from '../components/ui/states.tsx';

export function HomePage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  const orgs = account?.orgs ?? [];
  return (
    <Page title="Home" about="Your orgs, and what they use of their plans.">
      <MailNote isOwner={orgs.some(({ role }) => role === 'owner')} />
      {orgs.length === 0 ? (
        <div className="rounded-xl border border-dashed border-edge">
          <Empty title="You are in no org yet">
            The operator of this DollarBox can add you to one, or make one for you.
          </Empty>
        </div>
      ) : (
        <ul aria-label="Your orgs" className="grid gap-4 sm:grid-cols-2">
          {orgs.map((org) => (
            <OrgCard key={org.slug} {...org} />
          ))}
        </ul>
      )}
      {orgs[0] !== undefined && <FirstSteps org={orgs[0].slug} />}
    </Page>
  );
}

function OrgCard({ slug, name, role }: { slug: string; name: string; role: string }) {
  return (
    <li className="group relative grid content-between gap-5 rounded-xl border border-line bg-surface p-5 transition-colors hover:border-edge">
      <div className="flex items-center gap-3">
        <OrgTile name={name} />
        <div className="min-w-0 flex-1">
          <Link
            to="/orgs/$slug/"
            params={{ slug }}
            className="block truncate font-semibold after:absolute after:inset-0 after:rounded-xl"
          >
            {name}
          </Link>
          <p className="truncate font-mono text-xs text-faint">{slug}</p>
        </div>
        <Badge>{role}</Badge>
      </div>
      <Usage slug={slug} />
      <ArrowRight
        aria-hidden="true"
        className="absolute right-5 bottom-5 hidden size-4 text-faint group-hover:text-ink"
      />
    </li>
  );
}

function Usage({ slug }: { slug: string }) {
  const usage = useQuery(usageQuery(slug));
  return (
    <QueryView query={usage} what="what it uses">
      {({ containers, volume_gb: volumeGb }) => (
        <div className="grid gap-4">
          <Meter label="Containers" {...containers} />
          <Meter label="Volumes" {...volumeGb} unit=" GB" />
        </div>
      )}
    </QueryView>
  );
}

/** Mails that go nowhere by themselves are something that whoever runs this has to know. */
function MailNote({ isOwner }: { isOwner: boolean }) {
  const { data: setup } = useQuery(setupQuery);
  if (!isOwner || setup?.mail !== 'outbox') return null;
  return (
    <Callout kind="warning" title="No mail leaves this installation">
      Without <code className="font-mono">SMTP_URL</code>, mails with links to confirm an address or
      to reset a password are kept for the operator, who reads them with{' '}
      <code className="font-mono">npx dollarbox-admin mail-list</code>.
    </Callout>
  );
}
