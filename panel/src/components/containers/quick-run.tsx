import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useContainerCreate } from '../../api/container-writes.ts';
import { containersQuery } from '../../api/org-queries.ts';
import { problemOrNull } from '../../api/problem.ts';
import { curlCreateLines } from '../../lib/curl-line.ts';
import { usePageMark } from '../../lib/use-page-mark.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Field } from '../ui/field.tsx';
import { Fold } from '../ui/fold.tsx';
import { Form } from '../ui/form.tsx';
import { nameSuggest } from './container-draft.ts';

const KNOWN_IMAGES = ['nginx:1.27', 'redis:8', 'traefik/whoami:v1.11'];

/** The first container of an org: an image is enough. */
export function QuickRun({ slug }: { slug: string }) {
  const [image, setImage] = useState('');
  const { data: containers = [] } = useQuery(containersQuery(slug));
  const router = useRouter();
  const page = usePageMark();
  const create = useContainerCreate(slug, {
    onDone({ value: { name } }) {
      if (!page.isHere()) return;
      void router.navigate({ to: '/orgs/$slug/containers/$name', params: { slug, name } });
    },
  });
  const taken = new Set(containers.map(({ name }) => name));
  function run() {
    const name = nameSuggest(image, taken) || nameSuggest('container', taken);
    page.set();
    create.mutate({ name, image });
  }
  return (
    <section
      aria-labelledby="quick-run"
      className="grid gap-5 rounded-xl border border-line bg-surface px-5 py-8 sm:px-8"
    >
      <div className="grid gap-1">
        <h2 id="quick-run" tabIndex={-1} className="text-lg font-semibold">
          Run your first container
        </h2>
        <p className="max-w-prose text-soft">
          Name an image. It is pulled, started, restarted when it fails, and gets an IPv6 address of
          its own.
        </p>
      </div>
      <Form
        label="Run an image"
        onSend={run}
        isBusy={create.isPending}
        fault={problemOrNull(create.error)}
      >
        <div className="grid max-w-xl gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start">
          <Field
            label="Image"
            name="image"
            required
            value={image}
            placeholder="nginx:1.27"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            className="font-mono"
            onChange={(event) => setImage(event.target.value)}
          />
          <Button type="submit" isBusy={create.isPending} className="sm:mt-[1.625rem]">
            Run it
          </Button>
        </div>
        <div className="flex flex-wrap items-center gap-2 text-sm text-soft">
          <span>For example</span>
          {KNOWN_IMAGES.map((known) => (
            <Button key={known} kind="secondary" size="small" onClick={() => setImage(known)}>
              <span className="font-mono">{known}</span>
            </Button>
          ))}
        </div>
      </Form>
      <p className="text-sm text-soft">
        With variables, volumes or a command of your own:{' '}
        <Link
          to="/orgs/$slug/new-container"
          params={{ slug }}
          search={image === '' ? {} : { image }}
          className="font-medium text-brand underline decoration-brand/40 underline-offset-4 hover:decoration-brand"
        >
          all settings
        </Link>
        .
      </p>
      <Fold title="From a shell instead">
        <CodeBlock what="curl lines" text={curlCreateLines(globalThis.location.origin, slug)} />
      </Fold>
    </section>
  );
}
