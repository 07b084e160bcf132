import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export interface Column<Row> {
  /** Unique among the columns. */
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** `end` for numbers and actions. */
  align?: 'start' | 'end';
  /** `main` leads the card that a row is on a phone; `quiet` is left out there. */
  onPhone?: 'main' | 'quiet';
  className?: string;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
}

/** A dense table with rows of 44 pixels; on a phone each row is a card whose cells wrap. */
export function Table<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full text-left text-sm max-sm:block">
        <thead className="border-b border-line text-xs text-faint max-sm:sr-only">
          <tr>
            {columns.map(({ key, head, align }) => (
              <th
                key={key}
                scope="col"
                className={classes(
                  'h-9 px-3 font-medium whitespace-nowrap first:pl-5 last:pr-5 sm:first:pl-6 sm:last:pr-6',
                  align === 'end' && 'text-right',
                )}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line max-sm:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className="hover:bg-canvas max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-3 max-sm:gap-y-1 max-sm:px-5 max-sm:py-3"
            >
              {columns.map(({ key, cell, align, onPhone, className }) => (
                <td
                  key={key}
                  className={classes(
                    'h-11 px-3 py-1.5 first:pl-5 last:pr-5 max-sm:h-auto max-sm:min-w-0 max-sm:p-0 max-sm:first:pl-0 max-sm:last:pr-0 sm:first:pl-6 sm:last:pr-6',
                    align === 'end' && 'text-right',
                    onPhone === 'main' && 'max-sm:w-full',
                    onPhone === 'quiet' && 'max-sm:hidden',
                    className,
                  )}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
