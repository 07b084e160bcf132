import { useQuery } from '@tanstack/react-query';
import { orgQuery } from '../api/queries.ts';
import { OrgAccessCard } from '../components/orgs/org-access-card.tsx';
import { OrgDeleteCard } from '../components/orgs/org-delete-card.tsx';
import { OrgGeneralCard } from '../components/orgs/org-general-card.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';

/** How often to look whether someone else has changed the org, in milliseconds. */
const LOOK_EVERY_MS = 5000;

/** The settings of an org. */
export function OrgSettingsPage() {
  const { slug } = useOrg();
  const org = useQuery({ ...orgQuery(slug), refetchInterval: LOOK_EVERY_MS });
  return (
    <Page
      title="Settings"
      about={
        <>
          Slug: <code className="font-mono text-sm">{slug}</code>. It can’t be changed.
        </>
      }
      width="form"
    >
      <QueryView query={org} what="the settings">
        {(found) => (
          <>
            <OrgGeneralCard org={found} />
            <OrgAccessCard org={found} />
            <OrgDeleteCard org={found.value} />
          </>
        )}
      </QueryView>
    </Page>
  );
}
