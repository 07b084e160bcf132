import { Button } from '../ui/button.tsx';

interface MoreRowsProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  what: string;
}

/** Loads the next page of a list, if there is one. */
export function MoreRows({ query, what }: MoreRowsProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center border-t border-line p-4">
      <Button
        kind="secondary"
        isBusy={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        Show more {what}
      </Button>
    </div>
  );
}
