import { DollarboxError } from '@dollarbox/client';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemOf } from '../../api/problem.ts';
import { Failure, Loading } from '../ui/states.tsx';
import { Stale } from './stale.tsx';

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** Names the data, in the plural: "your tokens". */
  what: string;
  /** How many rows to draw while they load, for tables. */
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Shows the data of a query, that it is loading, or why it failed. Data whose refresh the server
 * refused says so; while the server does not answer at all, the connection banner does. */
export function QueryView<T>({ query, what, rows, children }: QueryViewProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error instanceof DollarboxError && (
          <Stale
            seenAt={query.dataUpdatedAt}
            message={problemOf(query.error).message}
            onRetry={() => void query.refetch()}
          />
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.error === null) return <Loading what={what} rows={rows} />;
  const failure = (
    <Failure message={problemOf(query.error).message} onRetry={() => void query.refetch()} />
  );
  // A table stands in a surface without margins of its own.
  return rows === undefined ? failure : <div className="p-5 sm:p-6">{failure}</div>;
}
