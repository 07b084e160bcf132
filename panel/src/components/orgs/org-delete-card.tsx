import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { accountQuery, keys, usageQuery } from '../../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form, type FormFault } from '../ui/form.tsx';
import { useNotify } from '../ui/notices.tsx';

type Org = components['schemas']['Org'];

/** Deletes an org that is empty, after its slug was typed and the person has proved who they are. */
export function OrgDeleteCard({ org }: { org: Org }) {
  const { slug, name } = org;
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useNotify();
  const { data: usage } = useQuery(usageQuery(slug));
  const [isAsking, setIsAsking] = useState(false);
  const [mismatch, setMismatch] = useState<FormFault | null>(null);
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/orgs/{slug}/', { params: { path: { slug } } })),
    async onSuccess() {
      setIsAsking(false);
      await queries.invalidateQueries({ queryKey: keys.account });
      await queries.ensureQueryData(accountQuery);
      await router.navigate({ to: '/' });
      notify(`Org “${name}” deleted.`);
    },
  });
  const obstacle = org.role === 'owner' ? contentsOf(usage) : 'Only owners can delete it.';
  return (
    <Card
      title="Delete this org"
      about={
        obstacle ??
        'Its members lose access, and tokens that are limited to it stop working. This can’t be undone.'
      }
      aside={
        <Button
          kind="danger-quiet"
          size="small"
          disabled={obstacle !== null}
          onClick={() => {
            remove.reset();
            setMismatch(null);
            setIsAsking(true);
          }}
        >
          Delete org
        </Button>
      }
    >
      <Dialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Delete ${name}?`}
        about={`It can’t be restored, and nobody can ever use the slug ${slug} again.`}
      >
        <Form
          label="Delete this org"
          onSend={({ slug: typed = '' }) => {
            const isRight = typed.trim() === slug;
            const fields = { slug: `Type ${slug} to confirm.` };
            setMismatch(isRight ? null : { message: '', fields });
            if (isRight) remove.mutate();
          }}
          isBusy={remove.isPending}
          fault={mismatch ?? problemOrNull(remove.error)}
        >
          <Field
            label={`Type ${slug} to confirm`}
            name="slug"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="font-mono"
            required
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button kind="secondary" onClick={() => setIsAsking(false)}>
              Cancel
            </Button>
            <Button type="submit" kind="danger" isBusy={remove.isPending}>
              Delete org
            </Button>
          </div>
        </Form>
      </Dialog>
    </Card>
  );
}

/** What has to go before the org can; null if nothing, or while that is not known. */
function contentsOf(usage: components['schemas']['OrgUsage'] | undefined): string | null {
  if (usage === undefined) return null;
  const { containers, volume_gb: volumes } = usage;
  const left = [containers.current > 0 && 'containers', volumes.current > 0 && 'volumes'].filter(
    (what) => what !== false,
  );
  return left.length === 0 ? null : `Delete its ${left.join(' and ')} first.`;
}
