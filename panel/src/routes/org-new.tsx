import { unwrap } from '@dollarbox/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { problemOrNull } from '../api/problem.ts';
import { accountQuery, keys, setupQuery } from '../api/queries.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Button } from '../components/ui/button.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Card } from '../components/ui/card.tsx';
import { Field } from '../components/ui/field.tsx';
import { Form } from '../components/ui/form.tsx';
import { useNotify } from '../components/ui/notices.tsx';
import { slugOf } from '../lib/slug.ts';

/** Creates an org, unless only the operator does that here. */
export function OrgNewPage() {
  const setup = useQuery(setupQuery);
  return (
    <Page
      title="New org"
      about="An org has its own containers, volumes, members and limits."
      width="form"
    >
      <QueryView query={setup} what="the form">
        {({ org_creation: creation }) =>
          creation === 'closed' ? (
            <Callout title="Only the operator creates orgs here">
              Ask the operator of this installation for one, or a colleague to invite you to theirs.{' '}
              <TextLink to="/orgs">Your orgs</TextLink>
            </Callout>
          ) : (
            <Card title="Name and slug">
              <OrgForm />
            </Card>
          )
        }
      </QueryView>
    </Page>
  );
}

function OrgForm() {
  const router = useRouter();
  const queries = useQueryClient();
  const notify = useNotify();
  const [name, setName] = useState('');
  const [typedSlug, setTypedSlug] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: ({ name: typed = '', slug = '' }: Record<string, string>) =>
      unwrap(api.POST('/orgs/', { body: { name: typed.trim(), slug: slug.trim() } })),
    async onSuccess(org) {
      await queries.invalidateQueries({ queryKey: keys.account });
      await queries.ensureQueryData(accountQuery);
      await router.navigate({ to: '/orgs/$slug', params: { slug: org.slug } });
      notify(`Org “${org.name}” created.`);
    },
  });
  return (
    <Form
      label="New org"
      onSend={(values) => create.mutate(values)}
      isBusy={create.isPending}
      fault={problemOrNull(create.error)}
    >
      <Field
        label="Name"
        name="name"
        autoComplete="organization"
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        hint="The name of your team, company or project. You can change it later."
      />
      <Field
        label="Slug"
        name="slug"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="font-mono"
        required
        value={typedSlug ?? slugOf(name)}
        onChange={(event) => setTypedSlug(event.target.value)}
        hint="Used in URLs and API requests. It can’t be changed."
      />
      <div>
        <Button type="submit" isBusy={create.isPending}>
          Create org
        </Button>
      </div>
    </Form>
  );
}
