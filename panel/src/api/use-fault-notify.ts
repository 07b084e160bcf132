import { useNotify } from '../components/ui/notices.tsx';
import { isDeclined, problemOf } from './problem.ts';

/** A function that shows the error of a request that no form sent. */
export function useFaultNotify(): (error: unknown) => void {
  const notify = useNotify();
  return (error) => {
    if (!isDeclined(error)) notify(problemOf(error).message, 'failed');
  };
}
