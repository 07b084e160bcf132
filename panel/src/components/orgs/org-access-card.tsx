import type { components } from '@dollarbox/client/schema';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { problemOf, problemOrNull } from '../../api/problem.ts';
import { keys, orgQuery, setupQuery } from '../../api/queries.ts';
import { type Versioned, isOutdated, unwrapVersioned } from '../../api/versioned.ts';
import { Callout } from '../ui/callout.tsx';
import { Card } from '../ui/card.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import { Switch } from '../ui/switch.tsx';

type Org = components['schemas']['Org'];
type Access = Partial<Pick<Org, 'api_enabled' | 'kubectl_enabled'>>;

/** How an org can be reached besides the panel. */
export function OrgAccessCard({ org: { value: org, version } }: { org: Versioned<Org> }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const { slug } = org;
  const [isAsking, setIsAsking] = useState(false);
  const change = useMutation({
    mutationFn: (body: Access) =>
      unwrapVersioned(
        api.PATCH('/orgs/{slug}/', {
          params: { path: { slug }, header: { 'If-Match': version } },
          body,
        }),
      ),
    onSuccess(saved, body) {
      queries.setQueryData(keys.org(slug), saved);
      setIsAsking(false);
      const [what, isOn] =
        body.api_enabled === undefined
          ? ['kubectl access', saved.value.kubectl_enabled]
          : ['API access', saved.value.api_enabled];
      notify(`${what[0]?.toUpperCase()}${what.slice(1)} is ${isOn ? 'on' : 'off'}.`);
    },
    // A switch shows what is saved, so whoever was overtaken sees it at once.
    onError: (error) =>
      isOutdated(error) ? void queries.fetchQuery({ ...orgQuery(slug), staleTime: 0 }) : undefined,
  });
  const mayChange = org.role === 'owner';
  const { data: setup } = useQuery(setupQuery);
  // What is on can always be turned off.
  const mayHaveKubectl = setup?.kubectl !== false || org.kubectl_enabled;
  const fault = isOutdated(change.error)
    ? 'This was changed elsewhere. Check the switches, then try again.'
    : problemOrNull(change.error)?.message;
  return (
    <Card title="Access" about={mayChange ? undefined : 'Only owners can change these.'}>
      <div className="grid gap-5">
        {fault !== undefined && !isAsking && (
          <Callout kind="danger" role="alert">
            {fault}
          </Callout>
        )}
        <Switch
          label="API access"
          about="API tokens can be used for this org. The panel always works."
          isOn={org.api_enabled}
          isDisabled={!mayChange || change.isPending}
          onChange={(isOn) => {
            change.reset();
            if (isOn) change.mutate({ api_enabled: true });
            else setIsAsking(true);
          }}
        />
        <Switch
          label="kubectl access"
          about={
            mayHaveKubectl
              ? 'Members can create credentials for kubectl.'
              : 'Not available here: containers run on Docker, and kubectl needs Kubernetes.'
          }
          isOn={org.kubectl_enabled}
          isDisabled={!mayChange || change.isPending || !mayHaveKubectl}
          onChange={(isOn) => change.mutate({ kubectl_enabled: isOn })}
        />
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        onConfirm={() => change.mutate({ api_enabled: false })}
        title="Turn off API access?"
        verb="Turn off"
        isBusy={change.isPending}
        faultMessage={
          change.error === null ? undefined : (fault ?? problemOf(change.error).message)
        }
      >
        Scripts, Terraform and the command line stop working for this org immediately. API tokens
        are kept, and work again when you turn it back on.
      </ConfirmDialog>
    </Card>
  );
}
