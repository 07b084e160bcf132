import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Outlet, getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { accountQuery, orgQuery } from '../../api/queries.ts';
import { lastOrgKeep } from '../../lib/last-org.ts';
import { LiveFeed } from '../shell/live-feed.tsx';
import { OrgContext } from '../shell/org-context.ts';
import { Page } from '../shell/page.tsx';
import { TextLink } from '../shell/text-link.tsx';
import { Callout } from '../ui/callout.tsx';

const route = getRouteApi('/member/orgs/$slug');

/** Around every page of an org: finds the org of the URL, which all requests of the page name. */
export function OrgLayout() {
  const { slug } = route.useParams();
  const { data: account } = useSuspenseQuery(accountQuery);
  const org = account?.orgs.find((candidate) => candidate.slug === slug);
  const isFound = org !== undefined;
  useEffect(() => {
    if (isFound) lastOrgKeep(slug);
  }, [isFound, slug]);
  if (account === null) return null;
  if (org === undefined) return <OrgNotFound />;
  return (
    // A page of one org never becomes that of another: what was typed or opened there stays there.
    <OrgContext key={slug} value={org}>
      <LiveFeed slug={slug} />
      <SuspensionNote slug={slug} />
      <Outlet />
    </OrgContext>
  );
}

function SuspensionNote({ slug }: { slug: string }) {
  const { data: org } = useQuery(orgQuery(slug));
  if (org?.value.status !== 'suspended') return null;
  return (
    <div className="mx-auto mb-6 max-w-[72rem]">
      <Callout kind="warning" title="This org is suspended">
        Its containers are stopped. You can look at everything and delete things; other changes have
        to wait until the operator of this installation ends the suspension.
      </Callout>
    </div>
  );
}

/** The org does not exist, or the person is not a member: the page doesn't reveal which. */
function OrgNotFound() {
  return (
    <Page
      title="Page not found"
      about="You aren’t a member of an org at this address. You may have left it, or the link may be wrong."
    >
      <p>
        <TextLink to="/">Go to the home page</TextLink>
      </p>
    </Page>
  );
}
