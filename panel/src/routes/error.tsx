import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { problemOf } from '../api/problem.ts';
import { setupQuery } from '../api/queries.ts';
import { BarePage } from '../components/shell/bare-page.tsx';
import { Page } from '../components/shell/page.tsx';
import { Failure } from '../components/ui/states.tsx';
import { PageLoadError } from '../lib/page-load.ts';

function useRetry({ error, reset }: ErrorComponentProps): () => Promise<void> {
  const router = useRouter();
  const queries = useQueryClient();
  return async function retry() {
    if (error instanceof PageLoadError) {
      // Browsers remember a failed import, so only a new document can load the page; not before the server answers.
      await queries.fetchQuery({ ...setupQuery, staleTime: 0 });
      globalThis.location.reload();
      return;
    }
    await queries.resetQueries();
    reset();
    await router.invalidate();
  };
}

/** In place of a page that failed, for people who may not be signed in. */
export function ErrorPage(props: ErrorComponentProps) {
  const { error } = props;
  const retry = useRetry(props);
  return (
    <BarePage title="Something went wrong">
      <Failure message={problemOf(error).message} onRetry={retry} />
    </BarePage>
  );
}

/** In place of a page that failed, inside the frame of the panel. */
export function MemberErrorPage(props: ErrorComponentProps) {
  const { error } = props;
  const retry = useRetry(props);
  return (
    <Page title="Something went wrong">
      <Failure message={problemOf(error).message} onRetry={retry} />
    </Page>
  );
}
