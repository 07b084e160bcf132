import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemOf } from '../../api/problem.ts';
import { Failure, Loading } from '../ui/states.tsx';

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** What is read, in the plural: "your tokens". */
  what: string;
  children: (data: T) => ReactNode;
}

/** What has been read, or that it is being read, or why it could not be. */
export function QueryView<T>({ query, what, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <Loading what={what} />;
  return <Failure message={problemOf(query.error).message} onRetry={() => void query.refetch()} />;
}
