import { useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { problemOf } from '../api/problem.ts';
import { BarePage } from '../components/shell/bare-page.tsx';
import { Failure } from '../components/ui/states.tsx';

/** What is shown where a page itself failed. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryClient();
  async function retry() {
    await queries.resetQueries();
    reset();
    await router.invalidate();
  }
  return (
    <BarePage title="This did not work">
      <Failure message={problemOf(error).message} onRetry={retry} />
    </BarePage>
  );
}
